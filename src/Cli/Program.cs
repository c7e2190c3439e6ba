using KgOrleans.Cli;
using KgOrleans.CommandLine;

return await KgCommand.Create().RunAsync(args, Console.Out, Console.Error);
