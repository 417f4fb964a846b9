"""Explicit-state model of Escapement's leadership and claim protocol (one machine, SQLite, file lock).

A state is a nested tuple. `successors` yields every step that any node, the kernel, the clock or a fault can make.
Rules of the protocol are switches (class Rules), so that the checker can run the design with one rule taken away and
print the shortest way to the harm that the rule prevents.

Time: one tick is one heartbeat interval. A node that runs is on time: the clock cannot tick past a read or a beat that
a running node still owes and could make. Everything else (claims, handlers, lock hand-over, records) may lag for ever.
"""
from collections import namedtuple

# ---- processes, roles ---------------------------------------------------------------------------------------------
OFF, RUN, STOP, DEAD = range(4)
S, A, D = "S", "A", "D"                      # standby, active, draining

Rules = namedtuple("Rules", """cas life watch_any paced challenge settle_all settle_in_raise leave_first release_unwanted
    epoch_in_tx beat_checked record_checked last_sign own_settle_first start_check wait_life_all ring lock_means_dead
    clock_in_tx settle_gone claim_beats drop_fenced""")
FIXED = Rules(cas=True, life=True, watch_any=True, paced=True, challenge=True, settle_all=True, settle_in_raise=True,
              leave_first=True, release_unwanted=True, epoch_in_tx=True, beat_checked=True, record_checked=True,
              last_sign=True, own_settle_first=True, start_check=True, wait_life_all=True, ring=True,
              lock_means_dead=False, clock_in_tx=True, settle_gone=True, claim_beats=True, drop_fenced=True)

Conf = namedtuple("Conf", "nodes jobs fires tmax lease deadline grace stop kill leave replace outage debug warm")

G = namedtuple("G", "now up wl path hold ep log wm runs nodes bud epi")
#  wl: node inside a write transaction or -1;  path: inode at the path;  hold[k]: node that has the flock on inode k
Ep = namedtuple("Ep", "num owner ended begin sign bylock")
N = namedtuple("N", "proc role lk pc my same cnt d bd ch held hs dl fresh mk")
#  lk: (x,) none | ('o',k) opened | ('b',k) blocked | ('h',k) holds;  pc: None or a step in the middle of an action
#  same: what it last read of the epoch is still so;  cnt: reads without movement;  d: ticks since its last read
#  held: while it counted, it was itself stopped or nobody could write;  ch: it has asked (challenge written)
#  hs: ((run, 'p'|'x'|'d'), ...) handlers in this process;  dl: ticks since its drain began;  fresh: ticks since its last beat
#  mk: its drain mark stands in the store
NEW = N(OFF, S, ("n",), None, 0, True, 0, 0, 0, False, False, (), 0, 0, False)


def initial(c):
    """all processes not yet started; or, warm: the first is active, the others wait for the lock in the kernel"""
    if c.warm:
        ns = [NEW._replace(proc=RUN, lk=("b", 0)) for _ in range(c.nodes)]
        ns[0] = NEW._replace(proc=RUN, lk=("h", 0), role=A, my=1)
        return G(0, True, -1, 0, (0,), Ep(1, 0, False, 0, 0, True), (), (0,) * c.jobs,
                 ("-",) * (c.jobs * c.fires), tuple(ns), (c.stop, c.kill, c.leave, c.replace, c.outage), ())
    return G(0, True, -1, 0, (-1,), Ep(0, -1, True, 0, 0, True), (), (0,) * c.jobs,
             ("-",) * (c.jobs * c.fires), (NEW,) * c.nodes, (c.stop, c.kill, c.leave, c.replace, c.outage), ())


class Bad(Exception):
    pass


CORE = ("TWICE", "FENCE", "SETTLED TWICE", "MAXINST", "TWO")


class Model:
    def __init__(self, conf, rules, core=False):
        self.c, self.r, self.core = conf, rules, core

    def bad(self, text):
        """core: the search goes on past the lesser harms"""
        if not self.core or text.startswith(CORE):
            raise Bad(text)

    # ---- helpers ----------------------------------------------------------------------------------------------
    def node(self, g, i, **kw):
        ns = list(g.nodes)
        ns[i] = ns[i]._replace(**kw)
        return g._replace(nodes=tuple(ns))

    def moved(self, g, i=-1):
        """the epoch row has changed: nobody's reading of it is current, except the writer's"""
        return g._replace(nodes=tuple(n if k == i else (n._replace(same=False) if n.same else n)
                                      for k, n in enumerate(g.nodes)))

    def writable(self, g):
        return g.up and g.wl == -1

    def stuck(self, g):
        """nobody will be able to write soon (a writer that runs is only waited for)"""
        return not g.up or (g.wl != -1 and g.nodes[g.wl].proc == STOP)

    def gone(self, g, o):
        return g.nodes[o].proc == DEAD

    def mine(self, g, i):
        return g.ep.owner == i and g.ep.num == g.nodes[i].my and not g.ep.ended

    def free(self, g, i):
        """unlock all that a node holds (exit, kill)"""
        return g._replace(hold=tuple(-1 if h == i else h for h in g.hold))

    def due(self, g):
        return any(w < self.c.fires and w + 1 <= g.now for w in g.wm)      # fire f is at time f+1

    def fence(self, g, i, **kw):
        hs = tuple(x for x in g.nodes[i].hs if x[1] != "p") if self.r.drop_fenced else g.nodes[i].hs
        return self.node(g, i, role=S, bd=0, cnt=0, d=0, same=True, ch=False, held=False, fresh=self.c.lease, hs=hs, **kw)

    # ---- settling --------------------------------------------------------------------------------------------
    def lost(self, g, o, me):
        """may the active node `me` settle what `o` still owns?"""
        n = g.nodes[o]
        if o == me:
            return False
        if n.proc == DEAD:
            # without a life lock nobody knows that a draining process is gone: only its deadline counts
            return True if (self.r.settle_gone or not n.mk) else n.dl >= self.c.deadline
        if n.mk:
            return n.dl >= self.c.deadline + (self.c.lease if self.r.own_settle_first else 0)
        return True                            # overtaken: its epoch is over

    def settle(self, g, me, prev=None):
        """runs of every lost node; without the rule, in the raise those of the epoch before, later those of draining nodes"""
        if prev is None and g.log:
            prev = g.log[-1][2]

        def mine(o):
            return self.r.settle_all or o == prev or g.nodes[o].mk
        rs = tuple("I" if r[0] == "R" and self.lost(g, int(r[1]), me) and mine(int(r[1])) else r for r in g.runs)
        return g._replace(runs=rs) if rs != g.runs else g

    # ---- transactions (effects at commit) -----------------------------------------------------------------------
    def commit_raise(self, g, i, why):
        n, e = g.nodes[i], g.ep
        g = g._replace(wl=-1)
        if self.r.cas and not n.same or why == "lease" and self.r.paced and n.d:
            return self.node(g, i, pc=None, cnt=0, d=0, ch=False, held=False, same=True)
        if why == "lease" and e.num and not e.ended and g.nodes[e.owner].proc == RUN and g.nodes[e.owner].role == A:
            if n.held:
                self.bad("ROBBED: took over by lease, though in the time it counted it was itself held up or nobody could write")
            if not n.same:
                self.bad("ROBBED: took over by lease though the epoch had moved since it was judged")
        if why == "lock" and e.num and not e.ended and g.nodes[e.owner].proc == RUN:
            self.bad("ROBBED: a node that got a lock raised the epoch over a running active node")
        if e.num and not e.ended:
            g = g._replace(log=g.log + ((e.begin, e.sign if self.r.last_sign else g.now, e.owner),))
        prev = e.owner
        g = g._replace(ep=Ep(e.num + 1, i, False, g.now, g.now, why == "lock"))
        g = self.node(self.moved(g), i, pc=None, role=A, my=e.num + 1, same=True, cnt=0, d=0, bd=0, ch=False,
                      held=False, fresh=0)
        if self.r.settle_in_raise:
            g = self.settle(g, i, prev)
        return g

    def commit_claim(self, g, i, now):
        if self.r.clock_in_tx:
            now = g.now
        g = g._replace(wl=-1)
        current = self.mine(g, i)
        if self.r.epoch_in_tx and not current:
            return self.fence(g, i, pc=None)
        wm, runs, hs = list(g.wm), list(g.runs), list(g.nodes[i].hs)
        for j in range(self.c.jobs):
            while wm[j] < self.c.fires and wm[j] + 1 <= now:
                f, k = wm[j], j * self.c.fires + wm[j]
                wm[j] += 1
                if runs[k] != "-":
                    self.bad("TWICE: fire time claimed a second time")
                if not current:
                    self.bad("FENCE: a claim of an older epoch was accepted")
                if now - (f + 1) > self.c.grace:
                    # lost. In a stretch with nobody active it needs no entry; else it does.
                    gap = f + 1 < g.ep.begin and (not self.r.last_sign or not g.log or f + 1 >= g.log[-1][1])
                    runs[k] = "g" if gap else "M"
                    if gap:
                        last = g.log[-1][1] if g.log else 0
                        if not (last <= f + 1 <= g.ep.begin):
                            self.bad("UNEXPLAINED: a lost fire time that neither an entry nor the epochs explain")
                elif any(runs[j * self.c.fires + q][0] == "R" for q in range(self.c.fires)):
                    runs[k] = "X"
                    if all(g.nodes[int(runs[j * self.c.fires + q][1])].mk is False and self.lost(g, int(runs[j * self.c.fires + q][1]), i)
                           for q in range(self.c.fires) if runs[j * self.c.fires + q][0] == "R"):
                        self.bad("SKIPPED: not run for max instances, though the run that counts belongs to a lost node")
                else:
                    runs[k] = "R%d" % i
                    hs.append((k, "p"))
            if sum(runs[j * self.c.fires + q][0] == "R" for q in range(self.c.fires)) > 1:
                self.bad("MAXINST: two runs of one job count as running in the store")
        g = g._replace(wm=tuple(wm), runs=tuple(runs), ep=g.ep._replace(sign=g.now))
        if self.r.claim_beats:
            g = self.node(self.moved(g, i), i, bd=0, fresh=0)
        return self.node(g, i, pc=None, hs=tuple(hs))

    # ---- every step ------------------------------------------------------------------------------------------
    def successors(self, g, faults=True):
        """yields (kind, text, state): kind P protocol step of a running node, H handler, F fault or wish from outside, T tick"""
        c, r = self.c, self.r
        for i, n in enumerate(g.nodes):
            nm = "ABCDE"[i]
            if n.proc == OFF:
                if faults and (i == 0 or g.nodes[i - 1].proc != OFF):
                    yield "F", nm + " starts and opens the lock file", self.node(g, i, proc=RUN, lk=("o", g.path), same=True)
                continue
            if n.proc == STOP:
                if c.debug and n.lk[0] == "b" and g.hold[n.lk[1]] == -1:
                    yield "P", "the kernel gives the lock to %s, which is stopped (a debugger stops only its own threads)" % nm, \
                        self.take(g, i, n.lk[1])
                if faults:
                    yield "F", nm + " is continued", self.node(g, i, proc=RUN)
                    if g.bud[1]:
                        yield "F", nm + " is killed while stopped", self.kill(g, i)
                continue
            if n.proc == DEAD:
                continue
            yield from self.steps(g, i, n, nm)
            if faults:
                b = g.bud
                if b[0]:
                    yield "F", nm + " is stopped (SIGSTOP)", self.node(g, i, proc=STOP)._replace(bud=(b[0] - 1,) + b[1:])
                if b[1]:
                    yield "F", nm + " is killed (kill -9)", self.kill(g, i)
                if b[2] and n.role != D and n.pc is None and n.lk[0] != "o":
                    yield from self.leave(g, i, n, nm)
        if faults:
            b = g.bud
            if b[3]:
                yield "F", "the lock file is replaced", g._replace(path=g.path + 1, hold=g.hold + (-1,), bud=b[:3] + (b[3] - 1, b[4]))
            if b[4] and g.up and g.wl == -1:
                yield "F", "the store can no longer be written", g._replace(up=False, bud=b[:4] + (b[4] - 1,))
        if not g.up:
            yield "F", "the store can be written again", g._replace(up=True)
        if self.may_tick(g):
            yield "T", "a heartbeat interval passes", self.tick(g)

    def kill(self, g, i):
        g = self.free(self.node(g, i, proc=DEAD, lk=("n",), pc=None, hs=()), i)
        if g.wl == i:
            g = g._replace(wl=-1)              # the transaction is rolled back
        b = g.bud
        return g._replace(bud=(b[0], b[1] - 1) + b[2:])

    def exit(self, g, i):
        return self.free(self.node(g, i, proc=DEAD, lk=("n",), pc=None, hs=(), role=D), i)

    def leave(self, g, i, n, nm):
        b = g.bud
        g = g._replace(bud=b[:2] + (b[2] - 1,) + b[3:])
        if n.role == S and not n.hs:
            yield "F", nm + " (standby) is asked to end, and ends", self.exit(g, i)
        elif n.role == S:
            yield "F", nm + " (standby with handlers of lost runs) is asked to end", self.exit(g, i)
        else:
            yield "F", nm + " is asked to end (graceful)", self.node(g, i, pc=("leave",))

    def steps(self, g, i, n, nm):
        c, r = self.c, self.r
        pc = n.pc
        # -- the lock ---------------------------------------------------------------------------------------------
        if n.lk[0] == "o":
            k = n.lk[1]
            if g.hold[k] == -1:
                yield "P", nm + " gets the lock without waiting", self.take(g, i, k)
            else:
                yield "P", nm + " finds the lock held and waits in the kernel", self.node(g, i, lk=("b", k))
        elif n.lk[0] == "b":
            k = n.lk[1]
            if g.hold[k] == -1:
                if n.role == D and r.release_unwanted:
                    yield "P", nm + " (draining) gets the lock and gives it up at once", self.node(g, i, lk=("n",))
                elif n.role == D:
                    yield "P", nm + " (draining) gets the lock and keeps it", self.node(self.take(g, i, k), i, lk=("H", k))
                else:
                    yield "P", nm + " gets the lock", self.take(g, i, k)
        elif n.lk[0] == "h" and n.lk[1] != g.path and pc is None and n.role != D:
            k = n.lk[1]
            if n.role == S:
                h = list(g.hold); h[k] = -1
                yield "P", nm + " has the lock of a file that is no longer there, opens the new one", \
                    self.node(g._replace(hold=tuple(h)), i, lk=("o", g.path))
            elif g.hold[g.path] == -1:
                h = list(g.hold); h[k] = -1; h[g.path] = i
                yield "P", nm + " (active) notices the replaced lock file and locks the new one", \
                    self.node(g._replace(hold=tuple(h)), i, lk=("h", g.path))
        # -- the middle of an action ----------------------------------------------------------------------------------
        if pc is not None:
            yield from self.middle(g, i, n, nm, pc)
            if pc[0] != "claim":
                return
        e = g.ep
        if n.role == S and pc is None and n.lk[0] != "o":
            # -- may it ask? ----------------------------------------------------------------------------------------
            over = e.num == 0 or (e.ended and r.ring) or (e.num and r.life and self.gone(g, e.owner))
            holds = n.lk[0] == "h" and n.lk[1] == g.path
            if holds and (over or (r.lock_means_dead and not self.mine(g, i)) or (e.ended and n.d)):
                yield "P", nm + " holds the lock and sees that the epoch is over", self.node(g, i, pc=("raise", "lock"), same=True)
            elif r.wait_life_all and not holds and e.num and not e.bylock and (e.ended or self.gone(g, e.owner)):
                yield "P", nm + " (without the lock) sees that the epoch taken by lease is over", \
                    self.node(g, i, pc=("raise", "over"), same=True)
            # -- the watch -------------------------------------------------------------------------------------------
            if n.d and not (holds and e.ended and not r.ring):
                live = e.num and not e.ended
                if not n.same or (r.paced and n.d > 1) or not (live or r.watch_any):
                    yield "P", nm + " reads the beat: moved, or its own count is void", \
                        self.node(g, i, same=True, cnt=0, d=0, ch=False, held=False)
                else:
                    t = (min(n.cnt + 1, c.lease) if r.paced else n.cnt)
                    if t >= c.lease and (n.ch or not r.challenge):
                        yield "P", nm + " judges the lease over", self.node(g, i, cnt=t, d=0, pc=("raise", "lease"))
                    elif t >= c.lease:
                        yield "P", nm + " cannot go on, its question was never written", self.node(g, i, cnt=0, d=0, held=False)
                    else:
                        yield "P", nm + " reads the beat: not moved", self.node(g, i, cnt=t, d=0)
            if r.challenge and n.cnt == c.lease - 1 and n.cnt and not n.ch and n.d == 0 and self.writable(g):
                # the question is a write, so it proves that the store can be written now
                yield "P", nm + " asks in the store whether the active one lives", self.node(g, i, ch=True, held=False)
        if n.role == A:
            if n.bd and self.writable(g):
                if self.mine(g, i) or (not r.beat_checked and e.num):
                    h = self.node(self.moved(g._replace(ep=e._replace(sign=g.now)), i), i, bd=0, fresh=0)
                    if not self.mine(g, i):
                        self.bad("FENCE: a fenced node's beat was accepted and keeps a dead epoch alive")
                    yield "P", nm + " beats", h
                else:
                    yield "P", nm + " finds itself fenced, becomes standby", \
                        self.fence(g, i)
            if self.due(g) and pc is None:
                if r.epoch_in_tx or self.mine(g, i):
                    yield "H", nm + " reads the clock to claim", self.node(g, i, pc=("claim", g.now))
            if self.mine(g, i) and self.writable(g) and pc is None:
                h = self.settle(g, i)
                if h is not g:
                    yield "P", nm + " settles runs of a lost node as interrupted", h
        if n.role == D:
            if n.lk[0] == "h":
                h = list(g.hold); h[n.lk[1]] = -1
                yield "P", nm + " (draining) lets the lock go", self.node(g._replace(hold=tuple(h)), i, lk=("n",))
            if not r.leave_first and self.mine(g, i) and self.writable(g):
                yield "P", nm + " writes the end of its epoch", self.end_epoch(g, i)
            if n.dl >= c.deadline and n.hs:
                if self.writable(g):
                    rs = tuple("I" if x == "R%d" % i else x for x in g.runs)
                    yield "P", nm + " is past its drain deadline, records what it had to stop, ends", self.exit(g._replace(runs=rs), i)
                else:
                    yield "P", nm + " is past its drain deadline and cannot record, ends", self.exit(g, i)
            elif not n.hs and not (not r.leave_first and self.mine(g, i)):
                yield "P", nm + " has drained and ends", self.exit(g, i)
        # -- handlers ---------------------------------------------------------------------------------------------
        for q, (k, st) in enumerate(n.hs):
            if st == "p":
                if n.role == D and n.dl >= c.deadline:
                    pass                       # its own drain deadline: never started, recorded as interrupted
                elif r.start_check == "read" and n.role != D and n.fresh >= c.lease:
                    if self.writable(g):       # only looks
                        ok = g.runs[k] == "R%d" % i
                        hs = n.hs[:q] + (((k, "p"),) if ok else ()) + n.hs[q + 1:]
                        yield "P", nm + " was away too long since its last beat, reads the store before it starts the handler", \
                            self.node(g, i, hs=hs, fresh=0)
                elif r.start_check and n.role == A and n.fresh >= c.lease:
                    pass                       # no start before a beat was accepted
                elif r.start_check and n.role == S:
                    pass
                else:
                    if g.runs[k] != "R%d" % i:
                        if g.runs[k] == "I":
                            self.bad("LATESTART: a handler is started for a run that is settled as interrupted")
                    yield "H", nm + " starts the handler of run %d" % k, self.node(g, i, hs=n.hs[:q] + ((k, "x"),) + n.hs[q + 1:])
            elif st == "x":
                yield "H", nm + " finishes the handler of run %d" % k, self.node(g, i, hs=n.hs[:q] + ((k, "d"),) + n.hs[q + 1:])
            elif self.writable(g):
                rs = list(g.runs)
                if rs[k] == "R%d" % i or not r.record_checked:
                    if rs[k] == "I":
                        self.bad("SETTLED TWICE: recorded by its owner after it was settled as interrupted")
                    rs[k] = "F"
                h = g._replace(runs=tuple(rs))
                if self.mine(g, i):
                    h = h._replace(ep=h.ep._replace(sign=g.now))
                yield "H", nm + " records run %d" % k, self.node(h, i, hs=n.hs[:q] + n.hs[q + 1:])

    def take(self, g, i, k):
        h = list(g.hold); h[k] = i
        return self.node(g._replace(hold=tuple(h)), i, lk=("h", k))

    def end_epoch(self, g, i):
        e = g.ep
        g = self.node(g, i, mk=True)
        g = g._replace(ep=e._replace(ended=True, sign=g.now), log=g.log + ((e.begin, g.now, i),))
        return self.moved(g, i)

    def middle(self, g, i, n, nm, pc):
        r = self.r
        if pc[0] == "raise":
            if pc[1] == "lease" and r.paced and n.d:
                yield "P", nm + " judged too long ago, counts anew", self.node(g, i, pc=None, cnt=0, d=0, ch=False, held=False, same=True)
            elif self.writable(g):
                yield "P", nm + " begins the transaction that raises the epoch", self.node(g._replace(wl=i), i, pc=("tx",) + pc)
            elif self.stuck(g):
                yield "P", nm + " cannot write, counts anew", self.node(g, i, pc=None, cnt=0, d=0, ch=False, held=False)
        elif pc[0] == "claim":
            if self.writable(g):
                yield "P", nm + " begins the claim's transaction", self.node(g._replace(wl=i), i, pc=("tx",) + pc)
            elif self.stuck(g):
                yield "P", nm + " cannot write, gives the claim up", self.node(g, i, pc=None)
        elif pc[0] == "leave":
            if not r.leave_first:
                # it marks itself draining and lets the lock go at once; the epoch's end is written when it can
                yield "P", nm + " marks itself as draining", self.node(g, i, pc=None, role=D, dl=0)
            elif self.writable(g):
                h = self.end_epoch(g, i) if self.mine(g, i) else self.fence(g, i) if r.drop_fenced else g
                yield "P", nm + " ends its epoch and marks itself as draining in one transaction", self.node(h, i, pc=None, role=D, dl=0, mk=True)
        elif pc[0] == "tx" and pc[1] == "raise":
            yield "P", nm + " raises the epoch (%s)" % pc[2], self.commit_raise(g, i, pc[2])
        elif pc[0] == "tx" and pc[1] == "claim":
            yield "P", nm + " commits the claim", self.commit_claim(g, i, pc[2])

    # ---- time ------------------------------------------------------------------------------------------------
    def may_tick(self, g):
        w = self.writable(g)
        for i, n in enumerate(g.nodes):
            if n.proc != RUN:
                continue
            if n.pc and (n.pc[0] != "leave" or w):
                return False
            if n.role == S and n.d and n.pc is None and n.lk[0] != "o":
                return False
            if n.role == A and n.bd and w and n.pc is None:
                return False
            if n.role == D and n.dl >= self.c.deadline and n.hs:
                return False
            if n.role == D and w and not self.r.leave_first and self.mine(g, i):
                return False
            if self.r.challenge and n.role == S and n.cnt == self.c.lease - 1 and n.cnt and not n.ch and w and n.pc is None:
                return False
        return True

    def tick(self, g):
        c, stuck = self.c, self.stuck(g)
        ns = []
        for n in g.nodes:
            if n.proc in (RUN, STOP):
                if n.role == S:
                    away = (n.proc == STOP and n.d) or stuck      # two intervals without a look, or nobody could write
                    if n.ch and self.r.paced and (stuck or n.proc == STOP):
                        n = n._replace(ch=False, cnt=0)           # its repeated question failed, or was not put on time
                    cnt = n.cnt if self.r.paced else min(n.cnt + 1, c.lease)
                    n = n._replace(d=min(n.d + 1, 2), cnt=cnt, held=n.held or bool(away))
                elif n.role == A:
                    n = n._replace(bd=1)
                n = n._replace(fresh=min(n.fresh + 1, c.lease))
            if n.role == D and n.proc != OFF:
                n = n._replace(dl=min(n.dl + 1, c.deadline + c.lease))
            ns.append(n)
        return g._replace(now=min(g.now + 1, c.tmax), nodes=tuple(ns))
