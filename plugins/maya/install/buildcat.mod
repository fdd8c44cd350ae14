+ MAYAVERSION:2023 Buildcat 1.0.0 ./buildcat
PYTHONPATH+:=python
+ MAYAVERSION:2024 Buildcat 1.0.0 ./buildcat
PYTHONPATH+:=python
+ MAYAVERSION:2025 Buildcat 1.0.0 ./buildcat
PYTHONPATH+:=python
+ MAYAVERSION:2026 Buildcat 1.0.0 ./buildcat
PYTHONPATH+:=python
+ MAYAVERSION:2027 Buildcat 1.0.0 ./buildcat
PYTHONPATH+:=python
