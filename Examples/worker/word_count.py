"""A worker with one function, `count-words`: python3 word_count.py ADDRESS"""

import logging
import sys

from dispatch_worker import Final, Worker

logging.basicConfig(level=logging.INFO)
worker = Worker(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:7070")


@worker.function("count-words")
def count_words(job):
    text = job.json.get("text")
    if not isinstance(text, str):
        raise Final("there is no text to count the words of")
    counts = {}
    for word in text.lower().split():
        counts[word] = counts.get(word, 0) + 1
    job.log(f"{len(counts)} different words")
    return counts


worker.run()
