"""A worker with one function, `count-words`: python3 word_count.py ADDRESS [ORGANIZATION [NAME]]"""

import logging
import sys

from dispatch_worker import Final, Worker

logging.basicConfig(level=logging.INFO)
address, organization, name = (*sys.argv[1:], *[None] * 3)[:3]
worker = Worker(address or "127.0.0.1:7070", organization=organization, name=name)


@worker.function("count-words")
def count_words(job):
    text = job.json.get("text")
    if not isinstance(text, str):
        raise Final("there is no text to count the words of", code="NO_TEXT", is_input=True)
    counts = {}
    for word in text.lower().split():
        counts[word] = counts.get(word, 0) + 1
    job.log(f"{len(counts)} different words")
    return counts


worker.run()
