using System.Diagnostics;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Text.RegularExpressions;

namespace KgOrleans.Kernels.Tests;

/// <summary>Runs the kernel tests again in child processes in which the wider instruction sets are switched off.</summary>
[Trait("Suite", "Unit")]
public partial class TierTests
{
    private const string Expected = "KG_TEST_VECTOR_BITS";

    [Theory]
    [InlineData("DOTNET_EnableAVX512", 256)]
    [InlineData("DOTNET_EnableAVX2", 128)]
    [InlineData("DOTNET_EnableHWIntrinsic", 0)]
    public async Task The_kernel_tests_pass_without_the_wider_instruction_sets(string knob, int widest)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Expected) is null, "A child process does not start children.");
        Assert.SkipUnless(WidestVector() > widest, $"This processor has no vectors wider than {widest} bits.");
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "exec", typeof(TierTests).Assembly.Location, "--progress", "off", "--no-ansi",
                "--filter-class", typeof(DotProductTests).FullName!, typeof(TopKSelectionTests).FullName!, typeof(VectorTests).FullName!,
                typeof(TopKStreamTests).FullName!, typeof(Int8RowsTests).FullName!, typeof(Int8DotTests).FullName!,
                typeof(ScanTests).FullName!, typeof(GreedyDppTests).FullName!, typeof(DiversityTests).FullName!, typeof(PickByPickTests).FullName!,
                typeof(ExpectedTierTests).FullName!,
            },
        };
        start.Environment[knob] = "0";
        start.Environment[Expected] = widest.ToString();
        using var child = Process.Start(start)!;
        var errors = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(child.ExitCode == 0, output + await errors);
        var succeeded = Succeeded().Match(output);
        Assert.True(succeeded.Success && int.Parse(succeeded.Groups[1].Value) >= 60, output);
        // x86 without AVX2 has no fused multiply-add, which one test needs.
        Assert.Contains(widest == 128 && !System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported ? "skipped: 1" : "skipped: 0", output);
    }

    internal static int WidestVector() =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;

    [GeneratedRegex(@"succeeded: (\d+)")]
    private static partial Regex Succeeded();

    /// <summary>Fails in a child process in which the tier under test is not the one in force.</summary>
    [Trait("Suite", "Unit")]
    public class ExpectedTierTests
    {
        [Fact]
        public void The_tier_under_test_is_the_widest_in_this_process()
        {
            var expected = Environment.GetEnvironmentVariable(Expected);
            Assert.SkipWhen(expected is null, "Only child processes state a tier.");
            Assert.Equal(int.Parse(expected), WidestVector());
            Assert.Equal(expected != "0", Vector.IsHardwareAccelerated);
        }
    }
}
