\set noalias = 1

if ( "$arg1" == "" ) then
    echo This script sets up a new Buildcat node.
    exit
endif

opexprlanguage -s hscript $arg1
opuserdata -n '___Version___' -v '' $arg1
