using System.Diagnostics;
using KgOrleans.Benchmarks;

namespace KgOrleans.Kernels.Tests;

[Trait("Suite", "Unit")]
public class BenchmarkRunTests
{
    [Fact]
    public async Task A_benchmark_runs_and_gives_a_time()
    {
        var artifacts = Directory.CreateTempSubdirectory("kg-benchmarks-");
        try
        {
            string[] arguments =
            [
                "exec", typeof(AllocationBaseline).Assembly.Location, "--filter", "*Top_k", "--artifacts", artifacts.FullName,
                "--iterationCount", "1", "--warmupCount", "1", "--invocationCount", "1", "--unrollFactor", "1",
            ];
            using var process = Process.Start(
                new ProcessStartInfo(
                    "dotnet", arguments)
                { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = artifacts.FullName })!;
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, output + await errors);
            Assert.Matches(@"\| Top_k +\| +[0-9.,]+ (ns|us|μs|ms|s) ", output);
        }
        finally
        {
            artifacts.Delete(recursive: true);
        }
    }
}
