noinst_LIBRARIES += src/sound/libsound.a
src_sound_libsound_a_SOURCES = \
	src/sound/bank.c src/sound/bank.h src/sound/bank_format.h \
	src/sound/built_in.c \
	src/sound/clip.c src/sound/clip.h \
	src/sound/mix.c src/sound/mix.h \
	src/sound/sets.c src/sound/sets.h \
	src/sound/wav.c src/sound/wav.h
nodist_src_sound_libsound_a_SOURCES = src/sound/bank_en.c
