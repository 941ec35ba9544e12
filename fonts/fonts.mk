# The faces that come with the program, in the order in which they are tried;
# what each is: README.md. All are compiled in (src/image/image.mk).

FACES = \
	fonts/face-01.ttf \
	fonts/face-02.ttf \
	fonts/face-03.ttf \
	fonts/face-04.ttf \
	fonts/face-05.ttf \
	fonts/face-06.ttf \
	fonts/face-07.ttf \
	fonts/face-08.ttf \
	fonts/face-09.ttf \
	fonts/face-10.ttf \
	fonts/face-11.ttf \
	fonts/face-12.ttf \
	fonts/face-13.ttf \
	fonts/face-14.ttf \
	fonts/face-15.ttf \
	fonts/face-16.ttf \
	fonts/face-17.ttf \
	fonts/face-18.ttf \
	fonts/face-19.ttf \
	fonts/face-20.ttf \
	fonts/face-21.ttf \
	fonts/face-22.ttf \
	fonts/face-23.ttf

# Their licences ask for their texts in every copy of the program.
facesdocdir = $(docdir)/fonts
dist_facesdoc_DATA = \
	fonts/README.md \
	fonts/Apache-2.0.txt \
	fonts/Bitstream-Vera.txt \
	fonts/OFL-1.1.txt

EXTRA_DIST += $(FACES) fonts/subset
