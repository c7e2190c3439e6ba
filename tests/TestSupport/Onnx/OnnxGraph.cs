using System.Runtime.InteropServices;
using KgOrleans.Inference.Graphs;

namespace KgOrleans.TestSupport.Onnx;

/// <summary>
/// Builds small ONNX models (onnx.proto, IR version 8, operators 17, ai.onnx.ml 3) without a framework, so that a test says what its model computes.
/// </summary>
public sealed class OnnxGraph
{
    private const int FloatTensor = 1;
    private const int Int64Tensor = 7;
    private readonly ProtoWriter _graph = new();
    private int _names;

    /// <summary>Adds a float input; returns its name.</summary>
    public string Input(string name, params int[] shape)
    {
        _graph.Message(11, ValueOf(name, shape));
        return name;
    }

    /// <summary>Adds constants; returns their name.</summary>
    public string Constant(float[] values, params int[] shape) => Tensor(FloatTensor, MemoryMarshal.AsBytes(values.AsSpan()), shape);

    /// <summary>Adds integer constants; returns their name.</summary>
    public string Constant(long[] values) => Tensor(Int64Tensor, MemoryMarshal.AsBytes(values.AsSpan()), [values.Length]);

    /// <summary>Adds an operator; returns the name of its output.</summary>
    public string Add(string op, string[] inputs, string? output = null, params (string Name, object Value)[] attributes) =>
        Node(op, "", inputs, output, attributes);

    /// <summary>Adds an operator of ai.onnx.ml; returns the name of its output.</summary>
    public string AddMl(string op, string[] inputs, string? output = null, params (string Name, object Value)[] attributes) =>
        Node(op, "ai.onnx.ml", inputs, output, attributes);

    /// <summary>x W + b.</summary>
    /// <param name="input">Name of x.</param>
    /// <param name="weights">W, row-major, inputs x outputs.</param>
    /// <param name="bias">b.</param>
    /// <param name="output">Name of the result; null for one of its own.</param>
    public string Linear(string input, float[] weights, float[] bias, string? output = null) =>
        Add("Gemm", [input, Constant(weights, weights.Length / bias.Length, bias.Length), Constant(bias, bias.Length)], output);

    /// <summary>The model with one output.</summary>
    public byte[] Build(string output, params int[] shape)
    {
        _graph.Text(2, "test").Message(12, ValueOf(output, shape));
        return new ProtoWriter().Number(1, 8).Message(7, _graph)
            .Message(8, new ProtoWriter().Text(1, "").Number(2, 17))
            .Message(8, new ProtoWriter().Text(1, "ai.onnx.ml").Number(2, 3)).ToArray();
    }

    private static ProtoWriter ValueOf(string name, int[] shape)
    {
        var dimensions = new ProtoWriter();
        foreach (var size in shape)
            dimensions.Message(1, new ProtoWriter().Number(1, size));
        return new ProtoWriter().Text(1, name).Message(2, new ProtoWriter().Message(1, new ProtoWriter().Number(1, FloatTensor).Message(2, dimensions)));
    }

    private string Tensor(int type, ReadOnlySpan<byte> values, int[] shape)
    {
        var name = $"c{_names++}";
        var tensor = new ProtoWriter();
        foreach (var size in shape)
            tensor.Number(1, size);
        _graph.Message(5, tensor.Number(2, type).Text(8, name).Bytes(9, values));
        return name;
    }

    private string Node(string op, string domain, string[] inputs, string? output, (string Name, object Value)[] attributes)
    {
        output ??= $"x{_names++}";
        var node = new ProtoWriter();
        foreach (var input in inputs)
            node.Text(1, input);
        node.Text(2, output).Text(4, op);
        foreach (var (name, value) in attributes)
            node.Message(5, AttributeOf(name, value));
        _graph.Message(1, node.Text(7, domain));
        return output;
    }

    private static ProtoWriter AttributeOf(string name, object value)
    {
        var attribute = new ProtoWriter().Text(1, name);
        switch (value)
        {
            case float number:
                return attribute.Single(2, number).Number(20, 1);
            case long number:
                return attribute.Number(3, number).Number(20, 2);
            case string text:
                return attribute.Text(4, text).Number(20, 3);
            case float[] numbers:
                foreach (var number in numbers)
                    attribute.Single(7, number);
                return attribute.Number(20, 6);
            case long[] numbers:
                foreach (var number in numbers)
                    attribute.Number(8, number);
                return attribute.Number(20, 7);
            case string[] texts:
                foreach (var text in texts)
                    attribute.Text(9, text);
                return attribute.Number(20, 8);
            default:
                throw new ArgumentException($"no attribute is a {value.GetType()}", nameof(value));
        }
    }
}
