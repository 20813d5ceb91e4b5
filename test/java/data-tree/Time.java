package org.apache.zookeeper.common;

import java.util.Date;

/**
 * Stands before ZooKeeper's own class of this name on the class path, so that the
 * recorded history has the same times whenever it is recorded.
 */
public final class Time {
    private static long now = 1_700_000_000_000L;

    private Time() {
    }

    public static void pass(long milliseconds) {
        now += milliseconds;
    }

    public static long currentWallTime() {
        return now;
    }

    public static long currentElapsedTime() {
        return now;
    }

    public static Date elapsedTimeToDate(long elapsedTime) {
        return new Date(elapsedTime);
    }
}
