noinst_LIBRARIES += src/sound/libsound.a
src_sound_libsound_a_SOURCES = \
	src/sound/bank.c src/sound/bank.h src/sound/bank_format.h \
	src/sound/built_in.c \
	src/sound/clip.c src/sound/clip.h \
	src/sound/mix.c src/sound/mix.h \
	src/sound/sets.c src/sound/sets.h \
	src/sound/wav.c src/sound/wav.h
nodist_src_sound_libsound_a_SOURCES = src/sound/bank_en.c

# The English bank, of the voices of flite. Without flite it is empty.
noinst_PROGRAMS += src/sound/make-bank
src_sound_make_bank_SOURCES = src/sound/make_bank.c
src_sound_make_bank_LDADD = src/sound/libmaker.a src/base/libbase.a $(CF_LIBS)
noinst_LIBRARIES += src/sound/libmaker.a
src_sound_libmaker_a_SOURCES = src/sound/bank.c src/sound/clip.c src/sound/wav.c
BUILT_SOURCES += src/sound/bank_en.c
CLEANFILES += src/sound/bank_en.c src/sound/bank_en
src/sound/bank_en: $(top_srcdir)/script/voices src/sound/make-bank$(EXEEXT)
	$(AM_V_GEN)FLITE="$(FLITE)" $(SHELL) $(top_srcdir)/script/voices \
	src/sound/make-bank$(EXEEXT) >$@.tmp && mv $@.tmp $@
src/sound/bank_en.c: src/sound/bank_en $(top_srcdir)/script/embed
	$(AM_V_GEN)$(EMBED) bank_en src/sound/bank_en >$@.tmp && mv $@.tmp $@

# The licence of the voices asks for its text in every copy of the program.
soundsdocdir = $(docdir)/voices
dist_soundsdoc_DATA = src/sound/flite.txt
