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
title:(="Word")

title:="Whole Value"
-
title:(="Whole Value")

text:="Whole Value"
-
="Whole Value"

id:plan
-
id:="plan"

id:Plan-2015.txt
-
id:="Plan-2015.txt"

id:"a b"
-
id:="a b"

id:(a|b-1)
-
(id:="a" | id:="b-1")

id:2015-06
-
id:="2015-06"

id:[7..7]
-
id:="7"

id:[a..b}
-
id:["a".."b"}

id:*
-
id:*

id:laws/*
-
id:["laws/".."laws0"}

id:doc-1*
-
id:["doc-1".."doc-2"}

id:法*
-
id:["法".."泖"}

-id:a*
-
NOT id:["a".."b"}

path:laws/*
-
path:laws

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

