# tests/tests
