package io.weir.kotlin

import io.weir.CallContext
import io.weir.CallKey
import io.weir.CallOptions
import io.weir.CircuitBreakerOpenException
import io.weir.Failures
import io.weir.Fallback
import io.weir.Guard
import io.weir.Pipeline
import io.weir.TypedGuard
import io.weir.breaker.CircuitBreaker
import io.weir.breaker.CircuitBreakerTransition
import io.weir.event.WeirListener
import io.weir.executor.AsyncExecutor
import io.weir.guard.Bulkhead
import io.weir.guard.Timeout
import io.weir.http.ApiException
import io.weir.ratelimit.EndpointRateLimiter
import io.weir.ratelimit.RateLimiter
import io.weir.ratelimit.TokenBucketRateLimiter
import io.weir.retry.Backoff
import io.weir.retry.Retry
import io.weir.retry.RetryConfig
import io.weir.testkit.RecordedEvents
import io.weir.testkit.ScriptedCall
import io.weir.testkit.VirtualTime
import java.io.IOException
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeoutException
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** The calls that a program in Kotlin makes: compiled with strict nullness and no warning, and run. */
class FromKotlinTest {
    private val breaker: CircuitBreaker = CircuitBreaker.builder("kotlin").failureThreshold(2).build()

    private fun remote(id: Long): CompletableFuture<String> = CompletableFuture.completedFuture("invoice $id")

    @Test
    fun getTakesALambdaAndKeepsItsType() {
        val length: Int = breaker.get { "weir".length }
        assertThat(length).isEqualTo(4)
        assertThat(breaker.get(CallOptions.within(Duration.ofSeconds(1))) { "in time" }).isEqualTo("in time")
    }

    @Test
    fun aNullResultIsNullableAndAResultIsNot() {
        val none: String? = breaker.get<String?> { null }
        val some: String = breaker.get { "some" }
        assertThat(none?.length).isNull()
        assertThat(some.length).isEqualTo(4)
        val later: CompletableFuture<String?> = breaker.execute<String?> { CompletableFuture.completedFuture(null) }
        assertThat(later.join()).isNull()
    }

    @Test
    fun runDoesNotBypassTheGuard() {
        breaker.forceOpen()
        var ran = false
        assertThrows<CircuitBreakerOpenException> { breaker.run<RuntimeException> { ran = true } }
        assertThat(ran).isFalse()
    }

    @Test
    fun callThrowsWhatTheLambdaThrows() {
        assertThrows<IOException> { breaker.call<String, IOException> { throw IOException("gone") } }
        assertThat(breaker.call<Int, IOException> { 7 }).isEqualTo(7)
    }

    @Test
    fun executeTakesALambdaThatGivesAStage() {
        val cents: CompletableFuture<Int> = breaker.execute { remote(1) }.thenApply { it.length }
        assertThat(cents.join()).isEqualTo(9)
        val options = CallOptions.tokens(2.5).andKey("invoices").andWithin(Duration.ofMillis(800))
        assertThat(breaker.execute(options) { remote(2) }.join()).isEqualTo("invoice 2")
    }

    @Test
    fun executeWithSeesTheContext() {
        val attempt = breaker.executeWith(CallOptions.NONE) { context: CallContext ->
            CompletableFuture.completedFuture(context.attempt())
        }
        assertThat(attempt.join()).isEqualTo(1)
    }

    @Test
    fun functionReferencesAreDecorated() {
        val guarded = breaker.decorate(::remote)
        assertThat(guarded.apply(3).join()).isEqualTo("invoice 3")
        val blocking = breaker.decorateCall<Long, String, IOException> { id -> "invoice $id" }
        assertThat(blocking.apply(4)).isEqualTo("invoice 4")
    }

    @Test
    fun ratesAreUpdatedByALambda() {
        val limiter: TokenBucketRateLimiter = TokenBucketRateLimiter.of("rates", 10.0)
        limiter.updateRate { it.rate(50.0).maxTokens(100.0).resetTokens() }
        assertThat(limiter.tryAcquire(100.0)).isTrue()
        val keyed = EndpointRateLimiter.builder("keys").defaultRate(5.0).build()
        keyed.updateRateLimit("search") { it.rate(1.0).period(Duration.ofMinutes(1)).resetTokens() }
        val one: RateLimiter = keyed.limiter("search")
        assertThat(one.tryAcquire()).isTrue()
        assertThat(keyed.get(CallOptions.key("search").andTokens(0.0)) { "free" }).isEqualTo("free")
    }

    @Test
    fun aFallbackFixesTheType() {
        val id = CallKey.of<Long>("id")
        val safe: TypedGuard<String> = breaker.withFallback(
            Fallback.on(TimeoutException::class.java, CircuitBreakerOpenException::class.java)
                .fromCall { _, options -> "cached ${options.get(id)}" })
        breaker.forceOpen()
        assertThat(safe.execute(CallOptions.with(id, 5L)) { remote(5) }.join()).isEqualTo("cached 5")
        val nullable: TypedGuard<String?> = Guard.none().withFallback(Fallback.value<String?>(null))
        val nothing: String? = nullable.get { throw IllegalStateException() }
        assertThat(nothing).isNull()
    }

    @Test
    fun failuresAreMatchedInADependentStage() {
        breaker.forceOpen()
        val cached = breaker.execute { remote(6) }
            .thenApply { it.uppercase() }
            .exceptionally(Failures.on<CircuitBreakerOpenException, String>(CircuitBreakerOpenException::class.java) { "cached" })
        assertThat(cached.join()).isEqualTo("cached")
    }

    @Test
    fun configurationReadsAsASentence() {
        val config = RetryConfig.builder()
            .maxRetries(5)
            .backoff(Backoff.exponential(Duration.ofMillis(100), 2.0, Duration.ofSeconds(5)).fullJitter())
            .retryOn(IOException::class.java)
            .retryIf(Failures::isTimeout)
            .retryOnResult(String::class.java) { it.isEmpty() }
            .build()
        val guard: Guard = Pipeline.of(
            Timeout.of("all", Duration.ofSeconds(2)), breaker, Retry.of("kotlin", config), Bulkhead.of("kotlin", 25))
        assertThat(guard.get { "through" }).isEqualTo("through")
        AsyncExecutor.of("kotlin", 2).use { executor ->
            val all: List<String> = executor.map(listOf(1L, 2L)) { id -> remote(id) }.join()
            assertThat(all).containsExactly("invoice 1", "invoice 2")
        }
    }

    @Test
    fun recoveryIsTestedInVirtualTime() {
        val time = VirtualTime()
        val events = RecordedEvents()
        val runtime = time.runtimeBuilder().listener(events).build()
        runtime.listen(WeirListener.on(CircuitBreakerTransition::class.java) { assertThat(it.guard()).isEqualTo("t") })
        val tested = CircuitBreaker.builder("t").failureThreshold(2).runtime(runtime).build()
        val call = ScriptedCall.create<Int>().thenFail(IOException()).thenFail(IOException()).thenReturn(7)
        repeat(2) { assertThrows<IOException> { tested.call<Int, Exception>(call) } }
        assertThat(tested.state()).isEqualTo(CircuitBreaker.State.OPEN)
        time.advance(Duration.ofSeconds(30))
        assertThat(tested.call<Int, Exception>(call)).isEqualTo(7)
        assertThat(events.of(CircuitBreakerTransition::class.java)).hasSize(3)
    }

    @Test
    fun whatMayBeAbsentIsNullableOrOptional() {
        val key: String? = CallOptions.NONE.key()
        assertThat(key).isNull()
        val failure = assertThrows<CircuitBreakerOpenException> {
            breaker.forceOpen()
            breaker.get { "never" }
        }
        val wait: Duration? = failure.retryAfter().orElse(null)
        assertThat(wait).isNull()
        assertThat(ApiException::class.java).isAssignableTo(RuntimeException::class.java)
    }
}
