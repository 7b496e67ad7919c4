# shellcheck shell=sh
# The passes of bin/bench, each one JMH run, and what they will take. Sourced by bin/bench, which has set java, jar, out and log.
#
# Every pass goes through `pass` or `weigh`, which count seconds while bench_planning is set, and run otherwise. So what is foretold is what is run.

# All of a heap is touched before anything is measured: else whoever allocates is charged for each page that the system gives out, for the first two seconds,
# which is four times the call (bucket4j's refusal: 150 ns, then 39).
bench_heap_usual='-Xms256m -Xmx256m -XX:+AlwaysPreTouch'
# A million keys, or ten.
bench_heap_large='-Xms1g -Xmx4g -XX:+AlwaysPreTouch'
# A million objects a shot. If a young generation can't hold a shot, whether a collection falls into it decides (from 22 to 88 ns, a peer's from 97 to 430).
bench_heap_shots='-Xms2g -Xmx4g -Xmn1g -XX:+AlwaysPreTouch'
bench_heap=$bench_heap_usual
bench_seconds=0
bench_planning=''

# What a fork takes besides its iterations: a JVM, and its benchmark's setup.
bench_start=1.1

bench_all() {
    [ -n "${bench_list:-}" ] || bench_list=$("$java" -jar "$jar" -l 2>/dev/null </dev/null | grep '^io\.weir\.')
    printf '%s\n' "$bench_list"
}

# bench_option NAME DEFAULT OPTIONS...: the value of one of JMH's options, in milliseconds if it is a time.
bench_option() {
    bench_name=$1
    bench_value=$2
    shift 2
    while [ $# -gt 0 ]; do
        [ "$1" != "$bench_name" ] || bench_value=$2
        shift
    done
    printf '%s\n' "${bench_value%ms}"
}

# bench_points OPTIONS...: into how many runs the -p options split each benchmark.
bench_points() {
    bench_number=1
    while [ $# -gt 0 ]; do
        if [ "$1" = -p ]; then
            bench_commas=$(printf '%s' "$2" | tr -dc ',')
            bench_number=$((bench_number * (${#bench_commas} + 1)))
        fi
        shift
    done
    printf '%s\n' "$bench_number"
}

# pass NAME SETUP REGEX OPTIONS...: SETUP is what a fork's setup takes, in seconds, and may be a fraction.
pass() {
    bench_pass=$1
    bench_setup=$2
    bench_regex=$3
    shift 3
    bench_not=$(bench_option -e '^$' "$@")
    bench_found=$(bench_all | grep -E -e "$bench_regex" | grep -E -v -c -e "$bench_not" || :)
    [ "$bench_found" -gt 0 ] || return 0
    if [ -n "$bench_planning" ]; then
        bench_seconds=$(awk -v n="$bench_found" -v points="$(bench_points "$@")" -v start="$bench_start" -v setup="$bench_setup" \
            -v f="$(bench_option -f 1 "$@")" -v wi="$(bench_option -wi 3 "$@")" -v w="$(bench_option -w 600ms "$@")" \
            -v i="$(bench_option -i 5 "$@")" -v r="$(bench_option -r 600ms "$@")" -v sum="$bench_seconds" \
            'BEGIN { print sum + n * points * f * (start + setup + (wi * w + i * r) / 1000) }')
        return 0
    fi
    weir_say "$(bench_so_far): $bench_pass, $bench_found benchmarks"
    "$java" -jar "$jar" "$bench_regex" -rf json -rff "$out/$bench_pass.json" -jvmArgsAppend "$bench_heap" "$@" >>"$log" 2>&1 </dev/null ||
        { tail -n 20 "$log" >&2 && weir_say "JMH failed; log: $log" && exit 1; }
}

# weigh MAIN SECONDS HEAP ARGS...: figures that JMH doesn't have. A collector that compacts, and a heap that never grows.
weigh() {
    bench_main=$1
    bench_takes=$2
    bench_size=$3
    shift 3
    if [ -n "$bench_planning" ]; then
        bench_seconds=$(awk -v sum="$bench_seconds" -v more="$bench_takes" 'BEGIN { print sum + more }')
        return 0
    fi
    weir_say "$(bench_so_far): $bench_main"
    "$java" -XX:+UseSerialGC "-Xms$bench_size" "-Xmx$bench_size" -cp "$jar" "io.weir.jmh.memory.$bench_main" "$out/$bench_main.json" "$@" \
        >>"$log" 2>&1 </dev/null || { tail -n 20 "$log" >&2 && weir_say "$bench_main failed; log: $log" && exit 1; }
}

bench_so_far() { printf '%s s' "$(($(date +%s) - began))"; }

# The suite: $depth is suite or quick, $check is set if only what the goals ask for is wanted, $only is a regex or empty.
# shellcheck disable=SC2086,SC2154
bench_suite() {
    if [ "$depth" = quick ]; then
        times='-f 1 -wi 2 -w 150ms -i 3 -r 120ms'
        shots='-f 1 -wi 1 -i 2 -w 600ms -r 600ms'
        warmer='-f 1 -wi 4 -w 200ms -i 3 -r 120ms'
    else
        times='-f 2 -wi 2 -w 400ms -i 4 -r 150ms'
        shots='-f 1 -wi 3 -i 5 -w 600ms -r 600ms'
        warmer='-f 2 -wi 4 -w 400ms -i 4 -r 200ms'
    fi
    if [ -n "$only" ]; then
        bench_heap=$bench_heap_large # may be any of them
        pass threads-1 0 "$only" -t 1 -prof gc $times
        pass threads-2 0 "$only" -t 2 -prof gc $times
        return 0
    fi

    # What no goal asks for is left out where it isn't wanted, or must be short.
    spare='^$'
    [ "$depth$check" = suite ] || spare='_mixed|everyFourth|Parsed|parseKey'
    pass threads-1 0 '\.jmh\.(TokenBucket|Breaker|BreakerWindow)Benchmark\.' -e "$spare" -t 1 -prof gc $times
    # A pipeline is much code, ours and the peers': warmed up longer than the rest.
    pass pipelines-1 1.2 '\.jmh\.(Pipeline|AsyncPipeline)Benchmark\.' -t 1 -prof gc $warmer
    bench_heap=$bench_heap_large
    pass keys-1 2.5 '\.jmh\.KeyedLimiterBenchmark\.' -e "$spare" -t 1 -prof gc $times
    bench_heap=$bench_heap_usual
    pass threads-2 0 '\.jmh\.(TokenBucket|Breaker|BreakerWindow)Benchmark\.' -e "$spare" -t 2 -prof gc $times
    bench_heap=$bench_heap_shots
    pass waiters 1.5 '\.jmh\.WaitersBenchmark\.' -t 1 -prof gc -gc true $shots
    bench_heap=$bench_heap_large
    if [ "$depth" = suite ]; then
        pass keys-10M 14 '\.jmh\.KeyedLimiterBenchmark\.weir_tryAcquire_keyed$' -t 1 -prof gc -p keys=10000000 $times
        weigh KeyMemory 40 4g
    fi
    bench_heap=$bench_heap_usual
    weigh WaiterMemory 16 2g
    weigh RetryHerd 20 2g
    [ "$depth" = suite ] && [ -z "$check" ] || return 0

    pass pipelines-2 1.2 '\.jmh\.(Pipeline|AsyncPipeline)Benchmark\.' -t 2 -prof gc -f 1 -wi 3 -w 300ms -i 4 -r 200ms
    bench_heap=$bench_heap_large
    pass keys-2 2.5 '\.jmh\.KeyedLimiterBenchmark\.' -t 2 -prof gc -f 1 -wi 3 -w 300ms -i 4 -r 200ms
    bench_heap=$bench_heap_usual
    # More threads than processors: 16 of the system's, and 1,000 virtual ones where there are any.
    pass threads-16 0 '\.jmh\.(TokenBucket|Breaker|Pipeline)Benchmark\.' -e 'Exact|Large|everyFourth|mixed' -t 16 -prof gc \
        -f 1 -wi 2 -w 200ms -i 3 -r 200ms
    if [ "$major" -ge 21 ]; then
        pass virtual-1000 0 '\.jmh\.VirtualThreadsBenchmark\.' -t 1 -prof gc -f 1 -wi 3 -w 250ms -i 4 -r 250ms
    fi
    # Single calls, so that the slowest shows: under contention, and with more threads than processors.
    sampled='\.jmh\.(TokenBucketBenchmark\.[a-z0-9]+_tryAcquire_granted$|BreakerBenchmark\.[A-Za-z0-9]+_call_closed|PipelineBenchmark\.[a-z0-9]+_call)'
    pass latency-2 0.3 "$sampled" -e 'floor_' -t 2 -bm sample -f 1 -wi 2 -w 250ms -i 3 -r 300ms
    pass latency-16 0.3 "$sampled" -e 'floor_' -t 16 -bm sample -f 1 -wi 2 -w 250ms -i 3 -r 300ms
}

# One point a value; a plot each. In a folder of their own, as nothing else may be compared with them.
# shellcheck disable=SC2086
bench_curves() {
    times='-f 1 -wi 3 -w 200ms -i 5 -r 200ms'
    [ "$depth" = suite ] || times='-f 1 -wi 2 -w 150ms -i 3 -r 120ms'
    bench_heap=$bench_heap_large
    pass keys 1 '\.jmh\.KeyedLimiterBenchmark\.(weir_tryAcquire_keyed|bucket4jInMap_tryAcquire_keyed|floor_nanoTimeThenCasRandom)$' \
        -t 1 $times -p keys=1000,10000,100000,1000000
    pass keys-10M 14 '\.jmh\.KeyedLimiterBenchmark\.weir_tryAcquire_keyed$' -t 1 $times -p keys=10000000
    bench_heap=$bench_heap_usual
    weigh KeyMemory 50 4g 1000 10000 100000 1000000 10000000
    bench_heap=$bench_heap_large # a million waiters stay
    pass line 1 '\.curve\.LineBenchmark\.' -t 1 $times -p waiters=1,10,100,1000,10000,100000,1000000
    bench_heap=$bench_heap_usual
    pass depth 0 '\.curve\.DepthBenchmark\.' -t 1 $times -p depth=1,2,3,4,6,8
    pass window 0.1 '\.curve\.WindowBenchmark\.' -t 1 $times -p window=10,100,1000,10000,100000,1000000
    for threads in 1 2 4 8 16; do
        pass "threads-$threads" 0 '\.jmh\.(TokenBucketBenchmark\.[a-z0-9]+_tryAcquire_granted$|BreakerBenchmark\.[a-zA-Z0-9]+_call_closed)' \
            -e 'WithMetrics|Api|floor_' -t "$threads" $times
    done
}

# bench_foretell WHAT: how long it will take, about.
bench_foretell() {
    bench_planning=yes
    bench_seconds=0
    "$1"
    bench_planning=''
    printf '%s\n' "$bench_seconds" | awk '{ printf "%d min %02d s\n", $1 / 60, $1 % 60 }'
}
