return await Escapement.TestProcesses.NodeProgram.RunAsync(args);
