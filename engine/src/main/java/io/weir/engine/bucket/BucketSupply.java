package io.weir.engine.bucket;

import org.jspecify.annotations.Nullable;

/**
 * A {@link TokenBucket}'s word as its line sees it: debits the head, and keeps what a debit has left whose waiter was gone. Owned by the
 * drain's owner.
 */
final class BucketSupply extends Supply {
    /*
     * spare is what lost debits have left, in spareCell's units, and pays for the next waiter first: its clock reading is at most one drain
     * old. settle gives it back by the rule of give-backs: a CAS from the word that the last debit left. Only the amount of that very debit
     * may go back: an older part may have had another grant after it, made when the bucket was full, whose debit would then be forgotten.
     * The same is why a grant that spare has paid for has no receipt.
     */
    private final TokenBucket bucket;

    private long spare;
    private long returnable; // the part of spare that the last lost debit has made
    private long spareWord;
    private @Nullable Cell spareCell;

    // The debit in hand, between debit and claimed or lost.
    private long debited;
    private long fromSpare;
    private long wordLeft;
    private @Nullable Cell cellDebited;

    BucketSupply(TokenBucket bucket) {
        this.bucket = bucket;
    }

    @Override
    protected int debit(double tokens) {
        while (true) {
            Cell cell = bucket.cell();
            if (spare > 0 && spareCell != cell) {
                dropSpare();
            }
            if (cell.closed) {
                return CLOSED;
            }
            if (tokens > cell.maxTokens) {
                return TOO_LARGE;
            }
            long word = cell.word();
            if ((word & Cell.FROZEN) != 0) {
                bucket.help(cell);
                continue;
            }
            long cost = cell.cost(tokens);
            if (spare >= cost) {
                paid(cell, 0, cost, word);
                return DEBITED;
            }
            long now = bucket.clock.nanoTime();
            long elapsed = cell.elapsed(now);
            if (elapsed == Cell.STALE) {
                bucket.renew(cell);
                continue;
            }
            long at = cell.at(elapsed);
            long need = cell.need(cost) - spare;
            if (at - word >= need) {
                long left = Math.max(word, at - cell.burst) + cost - spare;
                if (cell.move(word, left)) {
                    paid(cell, cost - spare, spare, left);
                    return DEBITED;
                }
                Thread.onSpinWait();
                continue;
            }
            if (spare > 0) {
                settle(); // and look again: the level has changed
                continue;
            }
            dueNanos = cell.instantOf(cell.dueAmount(word, at, need));
            return LATER;
        }
    }

    private void paid(Cell cell, long fresh, long old, long left) {
        debited = fresh;
        fromSpare = old;
        wordLeft = left;
        cellDebited = cell;
        payer = old == 0 ? cell : null;
        receipt = old == 0 ? left : 0;
    }

    @Override
    protected void claimed(double tokens) {
        spare -= fromSpare;
        returnable = Math.min(returnable, spare);
        cellDebited = null;
    }

    @Override
    protected void lost(double tokens) {
        if (debited > 0) {
            spare += debited;
            returnable = debited;
            spareWord = wordLeft;
            spareCell = cellDebited;
        }
        cellDebited = null;
    }

    @Override
    protected void settle() {
        Cell cell = spareCell;
        if (cell != null && returnable > 0) {
            cell.move(spareWord, spareWord - returnable); // else dropped
        }
        dropSpare();
    }

    private void dropSpare() {
        spare = 0;
        returnable = 0;
        spareCell = null;
    }

    @Override
    protected double maxTokens() {
        return bucket.cell().maxTokens;
    }

    @Override
    protected long knownWaitNanos(double tokens) {
        return bucket.knownWaitNanos(tokens);
    }
}
