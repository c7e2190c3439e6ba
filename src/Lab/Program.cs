using KgOrleans.CommandLine;
using KgOrleans.Lab;

return await LabCommand.Create().RunAsync(args, Console.Out, Console.Error);
