/*
 * Puts a stream of 32-bit words from the standard input through a battery of TestU01:
 *
 *     testu01 BATTERY NAME [reversed]
 *
 * BATTERY is small (SmallCrush), crush, big (BigCrush), or rabbitN (Rabbit on 2^N bits a test); NAME stands in the
 * report. `reversed` turns the bits of every word round, because the batteries look at the high bits most. The words are
 * taken in the byte order of the machine, which is to be little-endian. The last line tells how much was read.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <testu01/bbattery.h>
#include <testu01/swrite.h>
#include <testu01/unif01.h>

#define WORDS (1 << 14)

static uint32_t words[WORDS];
static size_t available = 0;
static size_t next_word = 0;
static unsigned long long read_in_all = 0;
static int is_reversed = 0;

static uint32_t reversed(uint32_t word)
{
    uint32_t turned = 0;
    for (int bit = 0; bit < 32; bit++)
        turned |= (word >> bit & 1u) << (31 - bit);
    return turned;
}

static unsigned int draw(void)
{
    if (next_word == available) {
        available = fread(words, sizeof words[0], WORDS, stdin);
        next_word = 0;
        if (available == 0) {
            fputs("the stream ended before the battery did\n", stderr);
            exit(3);
        }
    }
    read_in_all++;
    uint32_t word = words[next_word++];
    return is_reversed ? reversed(word) : word;
}

static int run(const char *battery, unif01_Gen *generator)
{
    if (strcmp(battery, "small") == 0)
        bbattery_SmallCrush(generator);
    else if (strcmp(battery, "crush") == 0)
        bbattery_Crush(generator);
    else if (strcmp(battery, "big") == 0)
        bbattery_BigCrush(generator);
    else if (strncmp(battery, "rabbit", 6) == 0)
        bbattery_Rabbit(generator, (double)(1ull << atoi(battery + 6)));
    else
        return 2;
    return 0;
}

int main(int count, char **arguments)
{
    if (count < 3) {
        fputs("usage: testu01 small|crush|big|rabbitN NAME [reversed]\n", stderr);
        return 2;
    }
    is_reversed = count > 3 && strcmp(arguments[3], "reversed") == 0;
    swrite_Basic = TRUE;
    setvbuf(stdout, NULL, _IOLBF, 0);
    int answer = run(arguments[1], unif01_CreateExternGenBits(arguments[2], draw));
    printf("%llu words were read\n", read_in_all);
    return answer;
}
