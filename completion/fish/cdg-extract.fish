# fish completion for cdg-extract

complete -c cdg-extract -l json -d 'One record a document'
complete -c cdg-extract -l text -d 'Only the text'
complete -c cdg-extract -l structure -d 'An outline'
complete -c cdg-extract -l time -d 'Say how long each file took'
complete -c cdg-extract -l memory -x -a '256M 1G 4G' -d 'Memory for reading'
complete -c cdg-extract -l xml-map -r -d 'What the elements of XML files mean'
complete -c cdg-extract -l timeout -x -a '10 60 600' -d 'Seconds that a document may take'
complete -c cdg-extract -s v -d 'Say what the kernel lacks'
complete -c cdg-extract -l help -d 'How the program is called'
complete -c cdg-extract -l version -d 'Which version it is'
