package io.weir.annotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.CircuitBreakerOpenException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Which declaration is which method, where type variables and overloads meet; and what comes out of it. */
class GuardedProxyOverridesTest {
    interface Store<T> {
        @WithCircuitBreaker(failureThreshold = 1)
        String put(T value);
    }

    /** The compiler leaves a bridge, put(Object), to the first of these. All of them take what a bridge may be given. */
    interface Texts extends Store<String> {
        @Override
        String put(String value);

        String put(Integer value);

        String put(CharSequence value);
    }

    static class TextsImpl implements Texts {
        @Override
        public String put(String value) {
            if (value.isEmpty()) {
                throw new IllegalStateException("empty");
            }
            return "text " + value;
        }

        @Override
        public String put(Integer value) {
            return "number " + value;
        }

        @Override
        public String put(CharSequence value) {
            return "characters " + value;
        }
    }

    @Test
    void aCallThroughATypeVariableReachesTheMethodThatOverridesAndNoOtherOverload() {
        Texts texts = GuardedProxy.of(Texts.class, new TextsImpl());
        Store<String> store = texts;
        assertThat(store.put("x")).isEqualTo("text x");
        assertThat(texts.put("x")).isEqualTo("text x");
        assertThat(texts.put(1)).isEqualTo("number 1");
        assertThat(texts.put((CharSequence) "x")).isEqualTo("characters x");
        assertThatThrownBy(() -> texts.put("")).hasMessage("empty");
        assertThatThrownBy(() -> store.put("x")).isInstanceOf(CircuitBreakerOpenException.class);
        assertThat(texts.put(1)).as("it overrides nothing with annotations").isEqualTo("number 1");
        assertThat(texts.put((CharSequence) "x")).isEqualTo("characters x");
    }

    interface Sums<T extends Number> {
        @WithCircuitBreaker(failureThreshold = 1)
        int sum(T[] some, List<T> more);
    }

    interface MoreSums<N extends Number> extends Sums<N> {
        @Override
        int sum(N[] some, List<N> more);
    }

    interface Ints extends MoreSums<Integer> {
        @Override
        int sum(Integer[] some, List<Integer> more);
    }

    @Test
    void arraysAndListsOfATypeVariableAreOneMethodThroughAllLevels() {
        Ints ints = GuardedProxy.of(Ints.class, (some, more) -> {
            throw new IllegalStateException("no sum");
        });
        Integer[] none = {};
        Sums<Integer> sums = ints;
        assertThatThrownBy(() -> ints.sum(none, List.of())).hasMessage("no sum");
        assertThatThrownBy(() -> sums.sum(none, List.of())).isInstanceOf(CircuitBreakerOpenException.class);
        assertThatThrownBy(() -> ints.sum(none, List.of())).isInstanceOf(CircuitBreakerOpenException.class);
    }

    interface Throwing {
        @WithRetry(maxRetries = 1)
        String now() throws Throwable;

        @WithRetry(maxRetries = 1)
        CompletableFuture<String> later() throws Throwable;

        String unguarded() throws Throwable;
    }

    /** Neither an exception nor an error. */
    private static final class Strange extends Throwable {
        private static final long serialVersionUID = 1;
    }

    @Test
    void aThrowableThatIsNoExceptionComesOutAsItselfToo() {
        Throwing proxy = GuardedProxy.of(Throwing.class, new Throwing() {
            @Override
            public String now() throws Throwable {
                throw new Strange();
            }

            @Override
            public CompletableFuture<String> later() throws Throwable {
                throw new Strange();
            }

            @Override
            public String unguarded() throws Throwable {
                throw new Strange();
            }
        });
        assertThatThrownBy(proxy::now).isExactlyInstanceOf(Strange.class);
        assertThatThrownBy(proxy::unguarded).isExactlyInstanceOf(Strange.class);
        assertThatThrownBy(() -> proxy.later().join()).hasCauseExactlyInstanceOf(Strange.class);
    }
}
