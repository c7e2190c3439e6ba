using KgOrleans.Cli;

return await KgCommand.RunAsync(args, Console.Out, Console.Error);
