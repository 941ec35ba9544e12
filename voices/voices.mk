# The English bank of sounds: flite says the digits, make-bank makes a bank of
# them, and it is compiled in (src/sound/sound.mk). Without flite it is empty.
noinst_PROGRAMS += voices/make-bank
voices_make_bank_SOURCES = voices/make-bank.c
voices_make_bank_LDADD = voices/libmaker.a src/base/libbase.a $(CF_LIBS) -lm
noinst_LIBRARIES += voices/libmaker.a
voices_libmaker_a_SOURCES = src/sound/bank.c src/sound/clip.c src/sound/wav.c
EXTRA_DIST += voices/say
BUILT_SOURCES += src/sound/bank_en.c
CLEANFILES += src/sound/bank_en.c voices/bank_en
voices/bank_en: $(top_srcdir)/voices/say voices/make-bank$(EXEEXT)
	$(AM_V_GEN)FLITE="$(FLITE)" $(SHELL) $(top_srcdir)/voices/say \
	voices/make-bank$(EXEEXT) >$@.tmp && mv $@.tmp $@
src/sound/bank_en.c: voices/bank_en $(top_srcdir)/script/embed
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(EMBED) bank_en voices/bank_en >$@.tmp && mv $@.tmp $@

# The licence of the voices asks for its text in every copy of the program.
voicesdocdir = $(docdir)/voices
dist_voicesdoc_DATA = voices/flite.txt
