/*
 * train-deflate: draw pictures, count the symbols that src/image/deflate.c
 * writes for them, and print the best table, src/image/deflate_table.c.
 *
 *	build/bench/train-deflate FONTS > src/image/deflate_table.c
 *
 * FONTS as in captcha.conf(5). The output depends on nothing else. Run it
 * again, with the faces of fonts/, when the look of the pictures has changed.
 * stderr gets the size of the pictures with the new table.
 *
 * Section numbers are those of RFC 1951.
 */
#include "base/base.h"
#include "bench/drawn.h"
#include "image/deflate.h"

enum {
	N_PICTURES = 4000,
	/* 3.2.5 */
	N_SYMBOLS = 286,
	END = 256,
	FIRST_LENGTH = 257,
	/* 3.2.7 */
	N_CODES = 19,
	CODE_MAX_BITS = 7,
	REPEAT_LAST = 16,
	REPEAT_ZERO = 17,
	REPEAT_ZERO_LONG = 18,
	BITS_MAX = 15,
};

static const char head[] =
	"/*\n"
	" * The table of deflate.c. Written by bench/train-deflate.c:\n"
	" *\n"
	" *\tmake -C build bench/train-deflate\n"
	" *\tbuild/bench/train-deflate fonts \\\n"
	" *\t\t> src/image/deflate_table.c\n"
	" */\n"
	"#include \"base/base.h\"\n"
	"#include \"image/deflate.h\"\n";

static void die(const char *what)
{
	(void)fprintf(stderr, "train-deflate: %s\n", what);
	exit(1);
}

/* --- counting ------------------------------------------------------------ */

/* The symbol of a length, 3.2.5, and the number and value of its extra bits. */
static int length_symbol(int length, int *n_extra, int *extra)
{
	int symbol = FIRST_LENGTH, first = DEFLATE_MATCH_MIN;

	*n_extra = *extra = 0;
	if (length == DEFLATE_MATCH_MAX)
		return N_SYMBOLS - 1;
	for (;; symbol++) {
		*n_extra = symbol < 265 ? 0 : (symbol - 261) / 4;
		if (length < first + (1 << *n_extra))
			break;
		first += 1 << *n_extra;
	}
	*extra = length - first;
	return symbol;
}

/* Count the symbols that deflate.c writes for n bytes. */
static void count(const uint8_t *bytes, size_t n, uint64_t counts[N_SYMBOLS])
{
	size_t length;
	int unused;

	for (size_t i = 0; i < n; i += length) {
		length = 1;
		while (i + length < n && length < DEFLATE_RUN_MAX &&
		       bytes[i + length] == bytes[i])
			length++;
		if (length <= DEFLATE_MATCH_MIN) {
			counts[bytes[i]] += length;
		} else {
			counts[bytes[i]]++;
			counts[length_symbol((int)length - 1, &unused,
					     &unused)]++;
		}
	}
	counts[END]++;
}

/* --- codes --------------------------------------------------------------- */

struct node {
	uint64_t weight;
	int symbol;	   /* or -1, and then two nodes of the row before */
	size_t left, right;
};

static int by_weight(const void *a, const void *b)
{
	const struct node *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight < y->weight ? -1 : 1;
	return x->symbol < y->symbol ? -1 : x->symbol > y->symbol;
}

static void lengthen(struct node rows[][2 * N_SYMBOLS], int row, size_t i,
		     int bits[])
{
	const struct node *node = &rows[row][i];

	if (node->symbol >= 0) {
		bits[node->symbol]++;
		return;
	}
	lengthen(rows, row - 1, node->left, bits);
	lengthen(rows, row - 1, node->right, bits);
}

/*
 * The best code whose lengths are at most max_bits, by package-merge:
 * L. L. Larmore and D. S. Hirschberg, "A fast algorithm for optimal
 * length-limited Huffman codes", 1990. Symbols that were not seen get none.
 */
static void make_lengths(const uint64_t counts[], int n_symbols, int max_bits,
			 int bits[])
{
	static struct node rows[BITS_MAX][2 * N_SYMBOLS];
	struct node leaves[N_SYMBOLS];
	size_t n_leaves = 0, n = 0;

	for (int i = 0; i < n_symbols; i++) {
		bits[i] = 0;
		if (counts[i])
			leaves[n_leaves++] = (struct node){counts[i], i, 0, 0};
	}
	for (int row = 0; row < max_bits; row++) {
		size_t n_pairs = n / 2;

		for (size_t i = 0; i < n_pairs; i++)
			rows[row][i] = (struct node){
				rows[row - 1][2 * i].weight +
					rows[row - 1][2 * i + 1].weight,
				-1, 2 * i, 2 * i + 1};
		memcpy(rows[row] + n_pairs, leaves,
		       n_leaves * sizeof(leaves[0]));
		n = n_pairs + n_leaves;
		qsort(rows[row], n, sizeof(leaves[0]), by_weight);
	}
	for (size_t i = 0; i < 2 * n_leaves - 2; i++)
		lengthen(rows, max_bits - 1, i, bits);
}

/* Codes of the lengths, 3.2.2, with their first bit lowest as they are
 * written. */
static void make_codes(const int bits[], int n_symbols, uint32_t codes[])
{
	uint32_t next = 0;

	for (int len = 1; len <= BITS_MAX; len++) {
		next <<= 1;
		for (int i = 0; i < n_symbols; i++) {
			if (bits[i] != len)
				continue;
			codes[i] = 0;
			for (int k = 0; k < len; k++)
				codes[i] |= (next >> k & 1) << (len - 1 - k);
			next++;
		}
	}
}

/* --- the head of a block ------------------------------------------------- */

struct bits {
	uint8_t bytes[512];
	size_t n;
};

static void put(struct bits *to, uint32_t value, int n)
{
	for (int i = 0; i < n; i++, to->n++)
		if (value >> i & 1)
			to->bytes[to->n / 8] |= (uint8_t)(1 << to->n % 8);
}

struct step {
	int code, n_extra, extra;
};

/* The code lengths, with repeats as symbols 16, 17 and 18, 3.2.7. */
static size_t shorten(const int lengths[], size_t n, struct step out[])
{
	size_t n_out = 0;

	for (size_t i = 0; i < n;) {
		int length = lengths[i];
		size_t run = 1;

		while (i + run < n && lengths[i + run] == length)
			run++;
		if (!length && run >= 11) {
			run = run < 138 ? run : 138;
			out[n_out++] = (struct step){REPEAT_ZERO_LONG, 7,
						     (int)run - 11};
		} else if (!length && run >= 3) {
			out[n_out++] =
				(struct step){REPEAT_ZERO, 3, (int)run - 3};
		} else {
			out[n_out++] = (struct step){length, 0, 0};
			i++;
			for (run--; length && run >= 3;) {
				size_t m = run < 6 ? run : 6;

				out[n_out++] = (struct step){REPEAT_LAST, 2,
							     (int)m - 3};
				run -= m;
				i += m;
			}
			continue;
		}
		i += run;
	}
	return n_out;
}

/* zlib's two bytes (RFC 1950, 2.2: a window of 32 KiB, quickest), then
 * BFINAL, BTYPE and both tables. */
static void put_head(struct bits *to, const int symbol_bits[N_SYMBOLS])
{
	static const int order[N_CODES] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
					   11, 4,  12, 3, 13, 2, 14, 1, 15};
	int lengths[N_SYMBOLS + 1], code_bits[N_CODES];
	uint64_t counts[N_CODES] = {0};
	uint32_t codes[N_CODES] = {0};
	struct step steps[N_SYMBOLS + 1];
	size_t n_steps;
	int n_codes = N_CODES;

	memcpy(lengths, symbol_bits, N_SYMBOLS * sizeof(int));
	lengths[N_SYMBOLS] = 1; /* one code of distances, for distance 1 */
	n_steps = shorten(lengths, CF_ARRAY_LEN(lengths), steps);
	for (size_t i = 0; i < n_steps; i++)
		counts[steps[i].code]++;
	make_lengths(counts, N_CODES, CODE_MAX_BITS, code_bits);
	make_codes(code_bits, N_CODES, codes);
	while (!code_bits[order[n_codes - 1]])
		n_codes--;
	put(to, 0x0178, 16);
	put(to, 0, 1);
	put(to, 2, 2);
	put(to, N_SYMBOLS - 257, 5);
	put(to, 0, 5);
	put(to, (uint32_t)n_codes - 4, 4);
	for (int i = 0; i < n_codes; i++)
		put(to, (uint32_t)code_bits[order[i]], 3);
	for (size_t i = 0; i < n_steps; i++) {
		put(to, codes[steps[i].code], code_bits[steps[i].code]);
		put(to, (uint32_t)steps[i].extra, steps[i].n_extra);
	}
}

/* --- output -------------------------------------------------------------- */

/* As an entry of deflate_literals. */
static unsigned long long entry(uint64_t code, int n_bits, int n_times)
{
	uint64_t bits = 0;

	for (int i = 0; i < n_times; i++)
		bits |= code << i * n_bits;
	return bits << DEFLATE_N_BITS | (unsigned)(n_bits * n_times);
}

static void print_run(int length, const uint32_t codes[], const int bits[])
{
	int n_extra, extra, symbol;

	if (length <= DEFLATE_MATCH_MIN) {
		(void)printf("\t{0x00000, 0, %d},\n", length);
		return;
	}
	symbol = length_symbol(length - 1, &n_extra, &extra);
	/* the last bit is the distance's one and only code, 0 */
	(void)printf("\t{0x%05x, %d, 1},\n",
		     codes[symbol] | (uint32_t)extra << bits[symbol],
		     bits[symbol] + n_extra + 1);
}

static void print_table(const int bits[N_SYMBOLS])
{
	uint32_t codes[N_SYMBOLS] = {0};
	struct bits to = {{0}, 0};

	make_codes(bits, N_SYMBOLS, codes);
	put_head(&to, bits);
	(void)printf("%s\nconst uint64_t deflate_literals[256][3] = {\n", head);
	for (int i = 0; i < END; i++)
		(void)printf("\t{0x%05llx, 0x%08llx, 0x%011llx},\n",
			     entry(codes[i], bits[i], 1),
			     entry(codes[i], bits[i], 2),
			     entry(codes[i], bits[i], 3));
	(void)printf("};\n\nconst struct deflate_run "
		     "deflate_runs[DEFLATE_RUN_MAX + 1] = {\n"
		     "\t{0x00000, 0, 0}, /* there is none */\n");
	for (int i = 1; i <= DEFLATE_RUN_MAX; i++)
		print_run(i, codes, bits);
	(void)printf("};\n\nconst uint64_t deflate_end = 0x%llx;\n\n"
		     "const size_t deflate_head_bits = %zu;\n\n"
		     "const uint8_t deflate_head[] = {",
		     entry(codes[END], bits[END], 1), to.n);
	for (size_t i = 0; i <= to.n / 8; i++)
		(void)printf("%s0x%02x,", i % 12 ? " " : "\n\t", to.bytes[i]);
	(void)printf("\n};\n");
}

/* Print the bytes that pictures take with these lengths, without the head. */
static void report(const uint8_t *all, const int bits[N_SYMBOLS])
{
	uint64_t least = UINT64_MAX, most = 0, sum = 0;

	for (size_t i = 0; i < N_PICTURES; i++) {
		uint64_t counts[N_SYMBOLS] = {0}, n = 0;

		count(all + i * DRAWN_BYTES, DRAWN_BYTES, counts);
		for (int s = 0; s < N_SYMBOLS; s++) {
			int n_extra = s < 265 || s == N_SYMBOLS - 1
					      ? 0 : (s - 261) / 4;

			n += counts[s] *
			     (uint64_t)(bits[s] + (s > END) * (1 + n_extra));
		}
		n = (n + 7) / 8;
		least = n < least ? n : least;
		most = n > most ? n : most;
		sum += n;
	}
	(void)fprintf(stderr,
		      "%d pictures: %llu bytes, %llu to %llu, and a head\n",
		      N_PICTURES, (unsigned long long)(sum / N_PICTURES),
		      (unsigned long long)least, (unsigned long long)most);
}

int main(int argc, char **argv)
{
	uint64_t counts[N_SYMBOLS];
	int bits[N_SYMBOLS];
	struct cf_error err = CF_ERROR_INIT;
	uint8_t *all;

	if (argc != 2)
		die("usage: train-deflate FONTS > src/image/deflate_table.c");
	all = drawn_make(argv[1], 1, N_PICTURES, &err);
	if (!all)
		die(err.text);
	for (int i = 0; i < N_SYMBOLS; i++)
		counts[i] = 1; /* any canvas can be written */
	for (size_t i = 0; i < N_PICTURES; i++)
		count(all + i * DRAWN_BYTES, DRAWN_BYTES, counts);
	make_lengths(counts, N_SYMBOLS, DEFLATE_CODE_MAX_BITS, bits);
	print_table(bits);
	report(all, bits);
	free(all);
	return 0;
}
