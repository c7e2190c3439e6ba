using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using KgOrleans.Benchmarks;

// `--allocations` takes seconds and fails when a benchmark allocates other than its checked-in number of bytes; anything else goes to BenchmarkDotNet.
if (args is ["--allocations"])
{
    var differences = AllocationBaseline.Differences().ToList();
    foreach (var difference in differences)
        Console.WriteLine(difference);
    Console.WriteLine(
        differences.Count == 0
            ? $"{AllocationBaseline.Expected().Count} benchmarks allocate what allocations.json says"
            : "allocations differ from allocations.json");
    return differences.Count == 0 ? 0 : 1;
}

// In this process: BenchmarkDotNet's own build looks for a project that has the assembly's name.
var config = ManualConfig.Create(DefaultConfig.Instance).AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance));
BenchmarkSwitcher.FromAssembly(typeof(AllocationBaseline).Assembly).Run(args, config);
return 0;
