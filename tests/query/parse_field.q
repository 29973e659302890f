title:word
-
title:word

title:"two words"
-
title:"two words"

title:(a b)
-
title:a AND title:b

title:(a OR b -c)
-
title:a OR (title:b AND NOT title:c)

title:(a OR lang:zh)
-
title:a OR lang:zh

title:=Word
-
title:="Word"

title:="Whole Value"
-
title:="Whole Value"

type:="say ""yes"""
-
type:="say ""yes"""

title:(="Strict Words")
-
title:(="Strict Words")

title:~"any form"
-
title:~"any form"

lang:zh law
-
lang:zh AND law

lang:en-US
-
(lang:~"en us" | lang:enus)

type:(law|plan)
-
(type:law | type:plan)

type:(law | plan)
-
(type:law | type:plan)

type:(law OR plan)
-
type:law OR type:plan

-type:law
-
NOT type:law

NOT type:law a
-
a AND NOT type:law

title:govern*
-
title:govern*

title:word^2
-
title:word^2

title:"a b"~2^2
-
title:"a b"~2^2

title:*
-
title:*

title: word
-
title AND word

title :word
-
title AND word

note:
-
note

http://x.org
-
~"http x org"

mailto:a@x.org
-
~"mailto a x org"

std::string
-
~"std string"

12:30
-
"12 30"

a:b:c
-
a:~"b c"

path:/usr/share
-
path:~"usr share"

title:()
warn=1
NOT *

title:""
warn=1
NOT *

title:-
warn=1
NOT *

title:AND
-
title:and

title:-a
-
title:a

