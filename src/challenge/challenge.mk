noinst_LIBRARIES += src/challenge/libchallenge.a
src_challenge_libchallenge_a_SOURCES = \
	src/challenge/challenge.c src/challenge/challenge.h \
	src/challenge/issue.c src/challenge/picture.c \
	src/challenge/upkeep.c src/challenge/state.h \
	src/challenge/sound.c \
	src/challenge/reserve.c src/challenge/reserve.h \
	src/challenge/room.c src/challenge/room.h \
	src/challenge/answer.c src/challenge/answer.h \
	src/challenge/profile.c src/challenge/profile.h \
	src/challenge/puzzle.c src/challenge/puzzle.h \
	src/challenge/token.c src/challenge/token.h \
	src/challenge/words.c src/challenge/words.h
