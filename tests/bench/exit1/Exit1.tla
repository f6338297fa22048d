---- MODULE Exit1 ----
EXTENDS Naturals
CONSTANTS N, Fixed
VARIABLES pc, i, last, m, k, q, single, susp, exitc, vm, noted, zombie, chld, reaped, sdead, off, freed
vars == <<pc, i, last, m, k, q, single, susp, exitc, vm, noted, zombie, chld, reaped, sdead, off, freed>>
T == 0..(N-1)
P == N
Init == /\ pc = [t \in 0..N |-> IF t = P THEN "p0" ELSE IF t = 0 THEN "a0" ELSE "b0"]
        /\ i = [t \in T |-> 0] /\ last = [t \in T |-> FALSE]
        /\ m = 0 /\ k = 0 /\ q = 0 /\ single = 0 /\ susp = 0 /\ exitc = 0 /\ vm = 0
        /\ noted = 0 /\ zombie = 0 /\ chld = 0 /\ reaped = 0
        /\ sdead = [t \in T |-> 0] /\ off = [t \in T |-> 0] /\ freed = [t \in T |-> 0]
Go(t, a, b) == pc[t] = a /\ pc' = [pc EXCEPT ![t] = b]
R(t, a, b, g) == Go(t, a, b) /\ g
U1 == UNCHANGED <<i, last, sdead, off, freed, reaped>>
LM(t, a, b) == Go(t,a,b) /\ m = 0 /\ m' = 1 /\ UNCHANGED <<k,q,single,susp,exitc,vm,noted,zombie,chld>> /\ U1
UM(t, a, b) == Go(t,a,b) /\ m' = 0 /\ UNCHANGED <<k,q,single,susp,exitc,vm,noted,zombie,chld>> /\ U1
LK(t, a, b) == Go(t,a,b) /\ k = 0 /\ k' = 1 /\ UNCHANGED <<m,q,single,susp,exitc,vm,noted,zombie,chld>> /\ U1
UK(t, a, b) == Go(t,a,b) /\ k' = 0 /\ UNCHANGED <<m,q,single,susp,exitc,vm,noted,zombie,chld>> /\ U1
LQ(t, a, b) == Go(t,a,b) /\ q = 0 /\ q' = 1 /\ UNCHANGED <<m,k,single,susp,exitc,vm,noted,zombie,chld>> /\ U1
UQ(t, a, b) == Go(t,a,b) /\ q' = 0 /\ UNCHANGED <<m,k,single,susp,exitc,vm,noted,zombie,chld>> /\ U1
Susp(t, a, b, v) == Go(t,a,b) /\ susp' = v /\ UNCHANGED <<m,k,q,single,exitc,vm,noted,zombie,chld>> /\ U1
Vm(t, a, b, v) == Go(t,a,b) /\ vm' = v /\ UNCHANGED <<m,k,q,single,susp,exitc,noted,zombie,chld>> /\ U1
Skip(t, a, b) == Go(t,a,b) /\ UNCHANGED <<m,k,q,single,susp,exitc,vm,noted,zombie,chld>> /\ U1
G == UNCHANGED <<m,k,q,single,susp,exitc,vm,noted,zombie,chld>>
Thr(t) ==
  \/ LM(t,"a0","a1")
  \/ Go(t,"a1","a2") /\ single' = 1 /\ UNCHANGED <<m,k,q,susp,exitc,vm,noted,zombie,chld>> /\ U1
  \/ Susp(t,"a2","a3",N)
  \/ Susp(t,"a3","a4",susp-1)
  \/ UM(t,"a4","a5")
  \/ susp = 0 /\ Skip(t,"a5","a6")
  \/ LM(t,"a6","c0")
  \/ single = 1 /\ Skip(t,"b0","b1")
  \/ LM(t,"b1","c0")
  \/ Go(t,"c0","c1") /\ exitc' = exitc+1 /\ UNCHANGED <<m,k,q,single,susp,vm,noted,zombie,chld>> /\ U1
  \/ Go(t,"c1",IF t = 0 THEN "c3" ELSE "c2") /\ last' = [last EXCEPT ![t] = (exitc = N)] /\ G /\ UNCHANGED <<i,sdead,off,freed,reaped>>
  \/ Susp(t,"c2","c3",susp-1)
  \/ UM(t,"c3","c4")
  \/ Skip(t,"c4",IF last[t] THEN "d0" ELSE "e0")
  \/ LK(t,"d0","d1")
  \/ UK(t,"d1","d2")
  \/ Vm(t,"d2","d3",1)
  \/ Vm(t,"d3","d4",2)
  \/ Vm(t,"d4","d5",3)
  \/ LK(t,"d5","f0")
  \/ Skip(t,"f0",IF i[t] = N THEN "g0" ELSE IF i[t] = t THEN "f3" ELSE "f1")
  \/ Skip(t,"f1","f2") /\ (Fixed => off[i[t]] = 1)
  \/ Go(t,"f2","f3") /\ freed' = [freed EXCEPT ![i[t]] = 1] /\ G /\ UNCHANGED <<i,last,sdead,off,reaped>>
  \/ Go(t,"f3","f0") /\ i' = [i EXCEPT ![t] = i[t]+1] /\ G /\ UNCHANGED <<last,sdead,off,freed,reaped>>
  \/ LQ(t,"g0","g1")
  \/ LM(t,"g1","g2")
  \/ Go(t,"g2","g3") /\ noted' = 1 /\ UNCHANGED <<m,k,q,single,susp,exitc,vm,zombie,chld>> /\ U1
  \/ UM(t,"g3","g4")
  \/ UQ(t,"g4","g5")
  \/ Go(t,"g5","g6") /\ zombie' = 1 /\ UNCHANGED <<m,k,q,single,susp,exitc,vm,noted,chld>> /\ U1
  \/ Go(t,"g6","g7") /\ chld' = 1 /\ UNCHANGED <<m,k,q,single,susp,exitc,vm,noted,zombie>> /\ U1
  \/ UK(t,"g7","e0")
  \/ Go(t,"e0","e1") /\ sdead' = [sdead EXCEPT ![t] = 1] /\ G /\ UNCHANGED <<i,last,off,freed,reaped>>
  \/ Go(t,"e1","done") /\ off' = [off EXCEPT ![t] = 1] /\ G /\ UNCHANGED <<i,last,sdead,freed,reaped>>
Par == \/ chld = 1 /\ Skip(P,"p0","p1")
       \/ LK(P,"p1","p2")
       \/ Go(P,"p2","p3") /\ reaped' = 1 /\ G /\ UNCHANGED <<i,last,sdead,off,freed>>
       \/ UK(P,"p3","done")
Next == Par \/ \E t \in T : Thr(t)
OffItsStack == \A t \in T : pc[t] = "f1" => off[i[t]] = 1
Spec == Init /\ [][Next]_vars
====
