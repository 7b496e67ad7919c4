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
     *
     * purse is what was taken from the stripes of heldCell for a head that they and the word can pay together: no more than it needs. A lost debit may leave
     * some of it. It is one more stripe, of the same cell and under the same bound; it goes back before the head has to wait and when the line is
     * empty, without a look at the line, as this drain is the one that would come of it; and it never outlives a round or a cell.
     */
    private final TokenBucket bucket;

    private long spare;
    private long returnable; // the part of spare that the last lost debit has made
    private long spareWord;
    private @Nullable Cell spareCell;

    private long purse;
    private @Nullable Cell purseCell;

    // The debit in hand, between debit and claimed or lost.
    private long debited;
    private long fromSpare;
    private long fromPurse;
    private long wordLeft;
    private @Nullable Cell cellDebited;

    BucketSupply(TokenBucket bucket) {
        this.bucket = bucket;
    }

    /** What {@link #debit} would answer now; debits nothing. What was kept of lost debits is given back if it doesn't do. */
    int look(double tokens) {
        return debit(tokens, false);
    }

    @Override
    protected int debit(double tokens) {
        return debit(tokens, true);
    }

    private int debit(double tokens, boolean pay) {
        while (true) {
            Cell cell = bucket.cell();
            if (spare > 0 && spareCell != cell) {
                dropSpare();
            }
            if (purse > 0 && purseCell != cell) {
                dropPurse();
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
                if (pay) {
                    paid(cell, 0, cost, 0, word);
                }
                return DEBITED;
            }
            Stripes stripes = cell.stripes;
            if (stripes != null && cost > cell.burst) {
                bucket.replaceByExact(cell, cost);
                continue;
            }
            long now = bucket.clock.nanoTime();
            long elapsed = cell.elapsed(now);
            if (elapsed == Cell.STALE) {
                bucket.renew(cell);
                continue;
            }
            long at = cell.at(elapsed);
            long base = cell.base(word, at);
            long fromHeld = Math.min(purse, cost - spare);
            long fresh = cost - spare - fromHeld;
            long missing = base + cell.need(cost) - spare - purse - at;
            long prepaid = missing > 0 ? cell.prepaid() : 0;
            if (missing <= 0 || prepaid >= missing) {
                if (!pay) {
                    return DEBITED;
                }
                long wanted = Math.min(fresh, missing); // in debt, the stripes may have to cover more than the cost
                if (stripes != null && wanted > 0) {
                    purse += stripes.gather(wanted);
                    purseCell = cell;
                } else if (fresh == 0 || cell.move(word, base + fresh)) {
                    paid(cell, fresh, spare, fromHeld, fresh == 0 ? word : base + fresh);
                    return DEBITED;
                } else {
                    Thread.onSpinWait();
                }
                continue;
            }
            if (spare > 0) {
                settleSpare(); // and look again: the level has changed
                continue;
            }
            dueNanos = cell.instantOf(base + cell.need(cost) - purse - prepaid);
            settlePurse();
            return LATER;
        }
    }

    private void paid(Cell cell, long fresh, long old, long gathered, long left) {
        debited = fresh;
        fromSpare = old;
        fromPurse = gathered;
        wordLeft = left;
        cellDebited = cell;
        payer = old != 0 ? null : gathered != 0 ? new TokenBucket.Prepaid(cell, gathered) : cell;
        receipt = old == 0 ? left : 0;
    }

    @Override
    protected void claimed(double tokens) {
        spare -= fromSpare;
        purse -= fromPurse;
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
        settleSpare();
        settlePurse();
    }

    private void settleSpare() {
        Cell cell = spareCell;
        if (cell != null && returnable > 0) {
            cell.move(spareWord, spareWord - returnable); // else dropped
        }
        dropSpare();
    }

    private void settlePurse() {
        Cell cell = purseCell;
        if (cell != null && cell.stripes != null && purse > 0) {
            cell.stripes.deposit(purse);
        }
        dropPurse();
    }

    private void dropPurse() {
        purse = 0;
        purseCell = null;
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
