#!/usr/bin/env python3
"""dates.py - dates in metadata: a true one is read, a false one is left out with a warning.

usage: dates.py EXTRACT FOLDER"""
import json
import subprocess
import sys

import made

FALSE = ['2021-02-30', '0000-00-00', '9999-99-99', '30000-01-01', '12021-03-04', '2021-113-04', '2021-03-104', 'soon']
OTHER = {'eml': ['Tue, 30 Feb 2021 10:00:00 +0000', 'Fri, 1 Jan 30000 00:00:00 +0000', '99 Mar 2021 10:00:00 +0000',
                 'Mon, 0 Mar 2021 10:00:00 +0000', 'soon'],
         'pdf': [d for d in FALSE if len(d) == 10 or d == 'soon'],  # its digits have no marks between them
         'rtf': [d for d in FALSE if d[:4] not in ('0000', 'soon')]}  # the year 0 says that there is none
TRUE = {'eml': 'Mon, 1 Mar 2021 10:00:00 +0000'}


def main():
    extract, folder = sys.argv[1:3]
    bad = 0
    for end, make in made.FILES.items():
        wrong = []
        for i, date in enumerate([TRUE.get(end, '2021-03-01')] + OTHER.get(end, FALSE)):
            path = '%s/%d.%s' % (folder, i, end)
            make(path, date)
            done = subprocess.run([extract, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            records = [json.loads(line) for line in done.stdout.decode().splitlines()]
            said = done.stderr.decode('utf-8', 'replace').strip()
            if len(records) != 1 or ('bodyword' not in records[0]['text'] and 'cellword' not in records[0]['text']):
                wrong.append(f'{date}: no text: {said}')
            elif i == 0 and records[0].get('date') != '2021-03-01':
                wrong.append(f'{date}: read as {records[0].get("date")} {said}')
            elif i and 'date' in records[0]:
                wrong.append(f'{date}: read as {records[0]["date"]}')
            elif i and not said:
                wrong.append(f'{date}: left out without a word')
        for w in wrong:
            print('# ' + end + ': ' + w)
        print(f'{"not ok" if wrong else "ok"} dates in {end}')
        bad |= bool(wrong)
    return bad


if __name__ == '__main__':
    sys.exit(main())
