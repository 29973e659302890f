#!/usr/bin/env python3
"""Write records that make an index use every corner of its format: lists of more
than 32 blocks (super blocks), bit sets, exceptions in chunks, frequencies above
255, long identifiers and terms, written forms, masked classes, values of every
type alone and in lists, and two long documents with many sections and pages.

    make_records.py SEED COUNT FOLDER [ARTICLES]
"""

import json
import os
import random
import sys

COMMON = 'the of state plan Reform GOVERNMENT data top-level supply-side Entwicklung r\u00e9forme'.split()
RARE = ['word%d' % i for i in range(400)]
STEMS = 'govern governs governed governing reforms reformed B\u00fcrger B\u00fcrgern buerger caf\u00e9 cafe'.split()
LANGS = ['en', 'de', 'fr', 'zh']
HAN = '\u987f\u5c42\u8bbe\u8ba1\u4f9b\u7ed9\u4fa7\u7ed3\u6784\u6027\u6539\u9769'


def sentence(rnd, lang):
	if lang == 'zh':
		return ''.join(rnd.choice(HAN) for _ in range(rnd.randint(2, 20))) + '\u3002'
	words = [rnd.choice(COMMON if rnd.random() < .6 else STEMS if rnd.random() < .5 else RARE)
		for _ in range(rnd.randint(2, 12))]
	if rnd.random() < .8:
		words.insert(rnd.randint(0, len(words)), rnd.choice(['everywhere', 'Everywhere']))
	if rnd.random() < .05:
		words += [words[0].upper()] * rnd.choice([3, 200, 300])
	return ' '.join(words) + '.'


def record(rnd, i):
	lang = rnd.choice(LANGS if i % 3 else LANGS[:1])
	text = ' '.join(sentence(rnd, lang) for _ in range(rnd.randint(0, 4)))
	out = {'id': 'doc-%06d' % i, 'text': text, 'lang': lang}
	if i % 5 == 0:
		out['title'] = sentence(rnd, lang)
	if i % 7 == 0:
		out['date'] = rnd.choice(['1949-10-01', '2013-11', '2020'])
	if i % 11 == 0:
		out['score'] = rnd.choice([0, -1.5, 1e300, 1 / 3, i])
	if i % 13 == 0:
		out['tags'] = rnd.sample(RARE, 3) + ['quote " and \\ and \t']
		out['mixed'] = [i, 'text', '2001-02-03']
	if i % 501 == 0:
		out['id'] = 'very-long-' * 30 + str(i)
		out['text'] += ' ' + 'x' * 300 + str(i)
	if i % 17 == 0:
		out['url'] = 'https://example.org/%d' % i
	return out


def long_text(rnd, articles, page):
	parts = []
	for i in range(articles):
		parts.append('%s Article %d\n\n' % ('#' * (1 + i % 4), i))
		parts.append('\n\n'.join(' '.join(sentence(rnd, 'en') for _ in range(8)) for _ in range(3)) + '\n\n')
		parts.append(page)
	return ''.join(parts)


def main():
	rnd, folder = random.Random(int(sys.argv[1])), sys.argv[3]
	os.makedirs(folder, exist_ok=True)
	with open(os.path.join(folder, 'records.jsonl'), 'w') as f:
		for i in range(int(sys.argv[2])):
			f.write(json.dumps(record(rnd, i)) + '\n')
	for name, page in (('long.md', ''), ('long.txt', '\f')):
		with open(os.path.join(folder, name), 'w') as f:
			f.write(long_text(rnd, int(sys.argv[4]) if len(sys.argv) > 4 else 60, page))


if __name__ == '__main__':
	main()
