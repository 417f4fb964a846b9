namespace Escapement.Simulation.Tests;

static class Table { public static int Print() => 0; }
