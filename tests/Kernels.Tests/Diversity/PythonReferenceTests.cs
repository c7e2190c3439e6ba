using System.Diagnostics;
using System.Text.Json;
using KgOrleans.Kernels.Diversity;
using KgOrleans.TestSupport;

namespace KgOrleans.Kernels.Tests;

/// <summary>The greedy DPP against the independent reference in Python, where the machine has it.</summary>
[Trait("Suite", "Unit")]
public class PythonReferenceTests
{
    [Theory]
    [InlineData(40, 16, 12, 0)]
    [InlineData(40, 16, 30, 5)]
    [InlineData(40, 8, 40, 1)]
    [InlineData(80, 24, 40, 12)]
    public void Picks_and_gains_equal_the_reference(int count, int dimension, int picks, int window)
    {
        var script = Script();
        var python = Interpreters.FirstOrDefault(HasNumpy);
        Assert.SkipWhen(python is null, "No python3 with numpy is installed.");
        const float Theta = 0.7f;
        var random = new Random(count + window);
        var relevance = new float[count];
        foreach (ref var r in relevance.AsSpan())
            r = random.NextSingle();
        var vectors = Lengths.Unit(count, dimension, picks);
        var file = Path.Combine(Path.GetTempPath(), $"kg-dpp-{Guid.NewGuid():N}.json");
        File.WriteAllText(file, JsonSerializer.Serialize(new
        {
            relevance,
            vectors = vectors.Chunk(dimension),
            theta = Theta,
            picks,
            window,
        }));
        try
        {
            var (exit, output) = Start(python, script, "--in", file);
            Assert.True(exit == 0, output);
            var answer = JsonDocument.Parse(output).RootElement;
            var expected = answer.GetProperty("brute").EnumerateArray().Select(x => x.GetInt32()).ToArray();
            var expectedGains = answer.GetProperty("gains").EnumerateArray().Select(x => x.GetDouble()).ToArray();

            var picked = new int[picks];
            var gains = new double[picks];
            float[] quality = [.. relevance.Select(r => GreedyDpp.Quality(r, Theta))];
            var result = new GreedyDpp().Select(vectors, dimension, quality, picks, window, picked, gains);
            Assert.Equal(expected, picked[..result.Honest]);
            for (var i = 0; i < expected.Length; i++)
                Assert.Equal(expectedGains[i], gains[i], 1e-3);
        }
        finally
        {
            File.Delete(file);
        }
    }

    // Debian's interpreter first: its numpy is a system package, and the first python3 of the path may be an environment without.
    private static readonly string[] Interpreters = ["/usr/bin/python3", "python3"];

    private static string Script()
    {
        var script = Path.Combine(SharedFolder.Path, "peers", "dpp_reference.py");
        Assert.SkipUnless(File.Exists(script), $"The reference is not on this machine ({script}; KG_SHARED names its folder).");
        return script;
    }

    private static bool HasNumpy(string python)
    {
        try
        {
            return Start(python, "-c", "import numpy").Exit == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static (int Exit, string Output) Start(string file, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, process.ExitCode == 0 ? output : output + errors.Result);
    }
}
