# bench/bench
