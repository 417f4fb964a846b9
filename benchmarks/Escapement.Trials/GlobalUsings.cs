global using Escapement.TestProcesses;
