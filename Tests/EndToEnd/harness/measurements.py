"""Figures that tests found out; pytest prints them at its end, without judging them."""

_figures = []


def note(text):
    _figures.append(text)


def all_notes():
    return list(_figures)
