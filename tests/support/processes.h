/*
 * Processes that do the same at the same time.
 */
#ifndef CF_TESTS_PROCESSES_H
#define CF_TESTS_PROCESSES_H

/* Fork n processes that begin run(i), below 128, at once. When all have
 * returned or were killed, returns the sum of the results. They live until
 * processes_end. */
int processes_start(int n, int (*run)(int i));
void processes_end(void);

/* Both. */
int processes_run(int n, int (*run)(int i));

#endif
