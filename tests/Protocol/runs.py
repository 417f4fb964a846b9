"""The searches: the protocol with all rules, then with one rule taken away (its shortest way to harm).

python3 check.py            all of them, about 20 minutes on two cores
python3 check.py full       with all rules; python3 check.py without: with one taken away
python3 check.py NAME ...   single ones, for example: kill, stop-kill, leave-stop
"""
import sys, time, multiprocessing
from check import Search, show, conf
from model import FIXED

CAP = 2500000                                  # states, per search; a search cut there is complete to the depth printed

FULL = {
    "kill":            conf(nodes=2, fires=3, tmax=4, kill=1),
    "kill3":           conf(nodes=3, fires=1, tmax=2, kill=2),
    "stop":            conf(nodes=2, fires=3, tmax=4, stop=1),
    "stop2":           conf(nodes=2, fires=2, tmax=3, stop=2),
    "stop-kill":       conf(nodes=2, fires=2, tmax=3, stop=1, kill=1),
    "leave":           conf(nodes=2, fires=3, tmax=4, leave=1, deadline=1),
    "leave-stop":      conf(nodes=2, fires=2, tmax=3, leave=1, stop=1),
    "leave-kill":      conf(nodes=2, fires=2, tmax=3, leave=1, kill=1),
    "replace-stop":    conf(nodes=2, fires=1, tmax=2, replace=1, stop=1, kill=1),
    "outage-kill":     conf(nodes=2, fires=2, tmax=3, outage=1, kill=1),
    "outage-stop":     conf(nodes=2, fires=2, tmax=3, outage=1, stop=1),
    "outage-leave":    conf(nodes=2, fires=2, tmax=3, outage=1, leave=1),
    "grace":           conf(nodes=2, fires=3, tmax=4, stop=1, grace=0),
    "grace-kill":      conf(nodes=2, fires=3, tmax=4, kill=1, grace=0),
    "warm-kill3":      conf(nodes=3, fires=2, tmax=2, kill=2, warm=1),
    "warm-stop3":      conf(nodes=3, fires=1, tmax=1, stop=1, warm=1),
    "warm-stop-kill3": conf(nodes=3, fires=1, tmax=1, stop=1, kill=1, warm=1),
    "warm-leave3":     conf(nodes=3, fires=1, tmax=1, leave=2, warm=1),
    "warm-leave-kill3": conf(nodes=3, fires=1, tmax=1, leave=1, kill=1, warm=1),
    "warm-all3":       conf(nodes=3, fires=1, tmax=1, stop=1, kill=1, leave=1, warm=1),
    "warm-all2":       conf(nodes=2, fires=1, tmax=1, stop=1, kill=1, leave=1, replace=1, outage=1, warm=1),
    "warm-replace3":   conf(nodes=3, fires=1, tmax=1, replace=1, kill=1, stop=1, warm=1),
    "warm-debug3":     conf(nodes=3, fires=1, tmax=1, stop=1, kill=1, debug=1, warm=1),
    "warm-outage3":    conf(nodes=3, fires=1, tmax=1, outage=1, kill=1, warm=1),
    "jobs2":           conf(nodes=2, jobs=2, fires=2, tmax=3, kill=1),
}

# three processes from a cold start: too large to end, searched only to the depth where the states run out
COLD = {
    "stop-kill3":      conf(nodes=3, fires=1, tmax=2, stop=1, kill=1),
    "leave2-3":        conf(nodes=3, fires=1, tmax=2, leave=2),
    "leave-kill3":     conf(nodes=3, fires=1, tmax=2, leave=1, kill=1),
    "replace-kill3":   conf(nodes=3, fires=1, tmax=2, replace=1, kill=1),
    "replace-leave3":  conf(nodes=3, fires=1, tmax=2, replace=1, leave=1),
    "debug":           conf(nodes=3, fires=1, tmax=2, stop=1, leave=1, debug=1),
    "debug-kill":      conf(nodes=3, fires=1, tmax=2, stop=1, kill=1, debug=1),
}

# rule taken away -> (what is changed, search, harm looked for)
WITHOUT = {
    "epoch checked inside the claim's transaction": (dict(epoch_in_tx=False), conf(stop=1), "FENCE"),
    "beat refused when not the current epoch": (dict(beat_checked=False), conf(stop=1), "FENCE"),
    "record checks owner and state": (dict(record_checked=False), conf(stop=1), "SETTLED TWICE"),
    "raise compares epoch and beat": (dict(cas=False), conf(stop=2), "ROBBED"),
    "a lock is not proof of death (replaced file)": (dict(lock_means_dead=True), conf(replace=1), "ROBBED"),
    "a lock is not proof of death (old holder dies after a takeover by lease)": (dict(lock_means_dead=True), conf(nodes=3, fires=1, tmax=2, stop=1, kill=1), "ROBBED"),
    "life lock": (dict(life=False, wait_life_all=False), conf(kill=1), "LATE"),
    "lease runs on any epoch row that does not move": (dict(watch_any=False), conf(stop=1), "NEVER"),
    "waiter discards a count in which it was late": (dict(paced=False), conf(stop=2), "ROBBED"),
    "waiter asks by a write before it takes over": (dict(challenge=False), conf(outage=1), "ROBBED"),
    "all lost runs are settled, not only the epoch's before": (dict(settle_all=False, settle_in_raise=False), conf(kill=2, nodes=3, fires=1, tmax=2), "UNSETTLED"),
    "settling is part of the raise": (dict(settle_in_raise=False), conf(kill=1), "SKIPPED"),
    "a draining node settles its own runs first": (dict(own_settle_first=False), conf(leave=1), "OVERLAP"),
    "the leave is one transaction, before anything else": (dict(leave_first=False), conf(stop=1, leave=1), None),
    "start only under a fresh beat": (dict(start_check=False), conf(stop=1), "LATESTART"),
    "the check before a start is a beat, not a look": (dict(start_check="read"), conf(stop=1), "LATESTART"),
    "a fenced node drops what it has not started": (dict(drop_fenced=False), conf(stop=1, kill=1), "LATESTART"),
    "an epoch ended by others ends at its last sign of life": (dict(last_sign=False), conf(kill=1, grace=0), "UNEXPLAINED"),
    "end of an epoch rings": (dict(ring=False), conf(stop=1, leave=1, kill=1), "LATE"),
    "life lock tells that a draining process is gone": (dict(settle_gone=False), conf(leave=1, kill=1), "UNSETTLED"),
    "waiters watch the life of one active by lease": (dict(wait_life_all=False), conf(nodes=3, fires=1, tmax=2, stop=1, kill=1), "SLOWDOUBLE"),
}


def job(a):
    name, c, r, kw = a
    t = time.time()
    res = Search(c, r, **kw).run()
    return name, res, time.time() - t


def main(args):
    which = args or ["full", "without"]
    known = {"full", "without", "fewer", "cold", *FULL, *COLD, *WITHOUT}
    for name in which:
        if name not in known:
            sys.exit("there is no search '%s'; they are: %s" % (name, ", ".join(sorted(known))))
    todo = []
    if "full" in which:
        todo += [(n, c, FIXED, dict(max_states=CAP)) for n, c in FULL.items()]
    if "without" in which:
        todo += [("WITHOUT " + n, c, FIXED._replace(**d), dict(want=w)) for n, (d, c, w) in WITHOUT.items()]
    if "fewer" in which:
        todo += [("NO claim_beats: " + n, FULL[n], FIXED._replace(claim_beats=False), dict(max_states=CAP)) for n in ("stop", "stop2", "stop-kill", "leave-stop", "outage-stop")]
        todo += [("NO leave_first: " + n, FULL[n], FIXED._replace(leave_first=False), dict(max_states=CAP)) for n in ("leave-kill", "outage-leave")]
    if "cold" in which:
        todo += [(n, c, FIXED, dict(max_states=CAP)) for n, c in COLD.items()]
    todo += [(n, {**FULL, **COLD}[n], FIXED, dict(max_states=CAP)) for n in which if n in FULL or n in COLD]
    todo += [("WITHOUT " + n, WITHOUT[n][1], FIXED._replace(**WITHOUT[n][0]), dict(want=WITHOUT[n][2])) for n in which if n in WITHOUT]
    with multiprocessing.Pool(2, maxtasksperchild=1) as p:
        for name, res, sec in p.imap_unordered(job, todo):
            show(name, res, sec)
