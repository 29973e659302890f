# fish completion for cdgindex

set -l commands check stat dump merge snapshot delete
set -l none "not __fish_seen_subcommand_from $commands"

complete -c cdgindex -n $none -a check -d 'Verify every checksum and the structure'
complete -c cdgindex -n $none -a stat -d 'Numbers of documents and terms, sizes'
complete -c cdgindex -n $none -a dump -d 'Print terms, postings, documents, identifiers'
complete -c cdgindex -n $none -a merge -d 'Merge all segments into one'
complete -c cdgindex -n $none -a snapshot -d 'Copy the committed state by hard links'
complete -c cdgindex -n $none -a delete -d 'Delete documents by identifier'
complete -c cdgindex -n "__fish_seen_subcommand_from check stat dump merge delete" -f

complete -c cdgindex -s d -l index -r -a '(__fish_complete_directories)' -d 'The index'
complete -c cdgindex -n $none -l jsonl -d 'All inputs are JSON lines'
complete -c cdgindex -n $none -l csv -d 'All inputs are CSV'
complete -c cdgindex -n $none -l include -x -d 'In folders, take only files that match'
complete -c cdgindex -n $none -l exclude -x -d 'In folders, leave out what matches'
complete -c cdgindex -n $none -l hidden -d 'Also names that begin with a dot'
complete -c cdgindex -n $none -l max-file-size -x -d 'Skip larger files (K, M, G)'
complete -c cdgindex -n $none -l lang -x -a 'auto none da de en es fi fr hu it nb nl pt ro ru sv tr zh' -d 'Language of the documents'
complete -c cdgindex -n $none -l threads -x -d 'Threads at the same time'
complete -c cdgindex -n $none -l memory -x -a '64M 256M 1G 4G' -d 'Memory before postings are written out'
complete -c cdgindex -n $none -l optimize -d 'Merge to one segment when done'
complete -c cdgindex -n $none -l reorder -d 'With --optimize, put documents with the same words together'
complete -c cdgindex -n $none -l prune -d 'Drop documents whose source has vanished'
complete -c cdgindex -n $none -l force -d 'Index again what has not changed'
complete -c cdgindex -n $none -l checksum -d 'Tell by the bytes of files what has changed'
complete -c cdgindex -n $none -l retry-failed -d 'Read unchanged files again of which something failed'
complete -c cdgindex -n $none -l strict -d 'Exit status 2 if anything could not be read'
complete -c cdgindex -n $none -l no-store -d 'Do not keep the text'
complete -c cdgindex -n $none -l dry-run -d 'Say what would be done, change nothing'
complete -c cdgindex -s q -d 'Only errors'
complete -c cdgindex -s v -d 'Say more'
complete -c cdgindex -l help -d 'Print a summary of the options'
complete -c cdgindex -n $none -l version -d 'Print the version'

complete -c cdgindex -n '__fish_seen_subcommand_from stat' -l failed -d 'Inputs that could not be read'
complete -c cdgindex -n '__fish_seen_subcommand_from stat' -l json -d 'The numbers as one JSON object'
complete -c cdgindex -n '__fish_seen_subcommand_from merge' -l reorder -d 'Put documents with the same words together'
complete -c cdgindex -n '__fish_seen_subcommand_from dump' -l terms -d 'The terms (with a prefix)'
complete -c cdgindex -n '__fish_seen_subcommand_from dump' -l term -x -d 'The postings of a term'
complete -c cdgindex -n '__fish_seen_subcommand_from dump' -l doc -x -d 'One document'
complete -c cdgindex -n '__fish_seen_subcommand_from dump' -l ids -d 'All identifiers'
