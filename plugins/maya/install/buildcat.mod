+ Buildcat 1.0 ./buildcat
PYTHONPATH+:=python
