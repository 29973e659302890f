a b
or
a OR b

+b a
or
b MAYBE a

+b +c a d
or
(b AND c) MAYBE a MAYBE d

a b -c
or
(a OR b) AND NOT c

+a -b c
or
(a MAYBE c) AND NOT b

-a -b
or
NOT a AND NOT b

+a
or
a

a AND b c
or
(a AND b) OR c

a b AND NOT c d
or
a OR (b AND NOT c) OR d

a OR b c
or
a OR (b OR c)

(a b) c
or
(a OR b) OR c

经济发展战略
or
经济 OR 济发 OR 发展 OR 展战 OR 战略

经济 x
or
经济 OR x

WTO规则
or
wto OR 规则

2020年政府工作报告
or
2020 OR 年政 OR 政府 OR 府工 OR 工作 OR 作报 OR 报告

"经济发展"
or
"经济发展"

top-level design
or
(~"top level" | toplevel) OR design

