using KgOrleans.Inference.Bundles;
using KgOrleans.Inference.Features;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace KgOrleans.Inference.Graphs;

/// <summary>Opens ONNX graphs and compares them with a schema.</summary>
internal static class GraphSessions
{
    /// <summary>Opens a graph for concurrent callers; every call runs on its caller's thread. Throws <see cref="OnnxRuntimeException"/>.</summary>
    public static InferenceSession Open(byte[] graph)
    {
        // One thread for each call: requests run in parallel, and a result must not depend on how a call is split.
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            // Errors are exceptions; the runtime must not print them as well.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            // Shapes are fixed, so the plan of the first run serves all others.
            EnableMemoryPattern = true,
        };
        return new InferenceSession(graph, options);
    }

    /// <summary>Adds every difference between a graph's metadata and the schema.</summary>
    /// <param name="name">File of the graph, for the differences.</param>
    /// <param name="session">The graph.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="inputs">Inputs of the schema that the graph has.</param>
    /// <param name="own">An input that no feature fills; null for none.</param>
    /// <param name="output">Its output.</param>
    /// <param name="differences">Receives the differences.</param>
    public static void Check(
        string name, InferenceSession session, FeatureSchema schema, IReadOnlyList<string> inputs, InputSpec? own, OutputSpec output, List<string> differences)
    {
        foreach (var input in inputs.Append(own?.Name).OfType<string>().Distinct())
        {
            if ((input == own?.Name ? own : schema.Inputs.FirstOrDefault(i => i.Name == input)) is not { } spec)
                continue;
            var type = spec.Type == TensorType.Float ? TensorElementType.Float : TensorElementType.Int64;
            if (session.InputMetadata.TryGetValue(input, out var actual))
                Compare($"{name}: input {input}", actual, type, [.. spec.Shape.Select(d => (long)d)], differences);
            else
                differences.Add($"{name}: has no input {input}");
        }
        foreach (var input in session.InputMetadata.Keys.Where(i => !inputs.Contains(i) && i != own?.Name))
            differences.Add($"{name}: input {input} is not in the schema");
        if (session.OutputMetadata.TryGetValue(output.Name, out var found))
            Compare($"{name}: output {output.Name}", found, TensorElementType.Float, output.Shape, differences);
        else
            differences.Add($"{name}: has no output {output.Name}");
    }

    private static void Compare(string where, NodeMetadata actual, TensorElementType type, long[] shape, List<string> differences)
    {
        if (!actual.IsTensor)
        {
            differences.Add($"{where}: is not a tensor");
            return;
        }
        if (actual.ElementDataType != type)
            differences.Add($"{where}: has type {actual.ElementDataType}, the schema says {type}");
        if (!actual.Dimensions.Select(d => (long)d).SequenceEqual(shape))
            differences.Add($"{where}: has shape [{string.Join(", ", actual.Dimensions)}], the schema says [{string.Join(", ", shape)}]");
    }
}
