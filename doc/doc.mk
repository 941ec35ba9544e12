# doc/doc
