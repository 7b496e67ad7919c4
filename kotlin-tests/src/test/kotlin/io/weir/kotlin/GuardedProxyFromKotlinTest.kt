package io.weir.kotlin

import io.weir.CircuitBreakerOpenException
import io.weir.annotation.GuardedProxy
import io.weir.annotation.WithCircuitBreaker
import io.weir.annotation.WithRetry
import java.io.IOException
import java.util.concurrent.CompletableFuture
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** Interfaces in Kotlin behind a proxy. */
class GuardedProxyFromKotlinTest {
    interface Suspending {
        @WithRetry(maxRetries = 1)
        suspend fun load(id: Long): String

        @WithRetry(maxRetries = 1)
        suspend fun none()
    }

    /** It is compiled to a method that returns before its end, as a plain value, and would be guarded as one. */
    @Test
    fun aSuspendMethodIsRefused() {
        val target = object : Suspending {
            override suspend fun load(id: Long): String = "invoice $id"

            override suspend fun none() = Unit
        }
        val refused = assertThrows<IllegalArgumentException> { GuardedProxy.of(Suspending::class.java, target) }
        assertThat(refused).hasMessageContaining("2 problems")
            .hasMessageContaining("Suspending.load(long, Continuation): a suspend method can't be guarded by a proxy;" +
                " allowed is one that returns a CompletionStage, or blocks")
            .hasMessageContaining("Suspending.none(Continuation)")
    }

    interface Mixed {
        suspend fun load(id: Long): String

        @WithCircuitBreaker(failureThreshold = 1)
        fun read(id: Long): String

        @WithCircuitBreaker(failureThreshold = 1)
        fun later(id: Long): CompletableFuture<String>
    }

    /** One without annotations is the implementation's own business. Kotlin declares no exceptions: a checked one comes wrapped. */
    @Test
    fun methodsThatBlockOrReturnAFutureAreGuardedBesideASuspendMethodWithoutAnnotations() {
        val target = object : Mixed {
            override suspend fun load(id: Long): String = "invoice $id"

            override fun read(id: Long): String = throw IOException("gone")

            override fun later(id: Long): CompletableFuture<String> = CompletableFuture.completedFuture("invoice $id")
        }
        val proxy = GuardedProxy.of(Mixed::class.java, target)
        assertThat(proxy.later(1).join()).isEqualTo("invoice 1")
        val thrown = assertThrows<java.lang.reflect.UndeclaredThrowableException> { proxy.read(1) }
        assertThat(thrown).hasCauseInstanceOf(IOException::class.java)
        assertThrows<CircuitBreakerOpenException> { proxy.read(1) }
    }
}
