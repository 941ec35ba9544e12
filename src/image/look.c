/*
 * The looks: see look.h. doc/strength.md says what each line costs a recogniser
 * and a reader; script/strength measures it again.
 */
#include "base/base.h"
#include "image/look.h"

static const struct look looks[GENERATOR_DIFFICULTY_COUNT] = {
	[GENERATOR_EASY] = {
		.turn_max_deg = 18,
		.shear_max = 180,
		.size = {860, 1000},
		.width = {860, 1180},
		.height = {920, 1080},
		.stroke = {130, 180},
		.contrast_max = 0,
		.ragged = 30,
		.ragged_wave = {200, 450},
		.raise_max = 70,
		.lower_share = 0,
		.limits = {26, 66, 1700},
		.lost_max = 340,
		.lap = {-55, -20},
		.fill = {900, 1000},
		.wave = {1000, 2400},
		.move = {22, 42},
		.n_edges = 0,
	},
	[GENERATOR_NORMAL] = {
		.turn_max_deg = 28,
		.shear_max = 250,
		.size = {590, 1000},
		.width = {780, 1300},
		.height = {830, 1140},
		.stroke = {60, 165},
		.contrast_max = 250,
		.ragged = 90,
		.ragged_wave = {300, 650},
		.raise_max = 250,
		.lower_share = 400,
		.limits = {36, 58, 1850},
		.hollow_share = 900,
		.hollow_size = 800,
		.hollow_stroke = {150, 195},
		.hollow_line = {38, 50},
		.hollow_shift = 300,
		.lost_max = 220,
		.lap = {-40, -8},
		.edge_gap = {95, 120},
		.fill = {850, 1000},
		.wave = {1000, 2400},
		.move = {46, 82},
		.n_edges = 3,
		.edge_lean = 450,
		.edge_wave = {800, 1700},
		.edge_swing = {60, 160},
	},
	[GENERATOR_HARD] = {
		.turn_max_deg = 32,
		.shear_max = 250,
		.size = {600, 1000},
		.width = {750, 1350},
		.height = {800, 1150},
		.stroke = {60, 170},
		.contrast_max = 250,
		.ragged = 100,
		.ragged_wave = {240, 520},
		.raise_max = 240,
		.lower_share = 400,
		.limits = {42, 54, 2050},
		.hollow_share = 600,
		.hollow_size = 760,
		.hollow_stroke = {140, 185},
		.hollow_line = {42, 56},
		.hollow_shift = 300,
		.lost_max = 260,
		.lap = {-20, 8},
		.edge_gap = {85, 110},
		.fill = {850, 1000},
		.wave = {850, 2400},
		.move = {47, 86},
		.n_edges = 3,
		.edge_lean = 450,
		.edge_wave = {800, 1700},
		.edge_swing = {60, 160},
	},
};

const struct look *look_of(enum generator_difficulty difficulty)
{
	assert(difficulty < GENERATOR_DIFFICULTY_COUNT);
	return &looks[difficulty];
}
