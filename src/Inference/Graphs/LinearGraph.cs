using System.Runtime.InteropServices;

namespace KgOrleans.Inference.Graphs;

/// <summary>
/// Writes a linear model as an ONNX graph (onnx.proto, IR version 8, operators 17): the sum over inputs of x W, plus a bias. It is a chain of Gemm operators,
/// each of which adds what the one before gave.
/// </summary>
public static class LinearGraph
{
    private const int IrVersion = 8;
    private const int Operators = 17;
    private const int FloatTensor = 1;

    /// <summary>Writes a model.</summary>
    /// <param name="inputs">
    /// Its inputs: name, rows, width and weights, width x outputs values, row-major. Those of one row come first; their product is added to every row of the
    /// others.
    /// </param>
    /// <param name="bias">One value for each output.</param>
    /// <param name="output">Name of its output, whose rows are those of the last input.</param>
    /// <exception cref="ArgumentException">Weights do not fit, or an input of one row follows one of several.</exception>
    public static byte[] Build(IReadOnlyList<(string Name, int Rows, int Width, float[] Weights)> inputs, float[] bias, string output)
    {
        var graph = new ProtoWriter();
        var sum = Constant(graph, "bias", bias, bias.Length);
        var rows = 1;
        for (var i = 0; i < inputs.Count; i++)
        {
            var (name, count, width, weights) = inputs[i];
            if (weights.Length != width * bias.Length || (rows > 1 && count != rows))
                throw new ArgumentException($"input {name} of {count} x {width} has {weights.Length} weights and follows one of {rows} rows", nameof(inputs));
            rows = count;
            graph.Message(11, Value(name, count, width));
            var result = i == inputs.Count - 1 ? output : $"sum_{name}";
            graph.Message(1, new ProtoWriter().Text(1, name).Text(1, Constant(graph, $"weights_{name}", weights, width, bias.Length)).Text(1, sum)
                .Text(2, result).Text(4, "Gemm"));
            sum = result;
        }
        graph.Text(2, "linear").Message(12, Value(output, rows, bias.Length));
        return new ProtoWriter().Number(1, IrVersion).Message(7, graph).Message(8, new ProtoWriter().Text(1, "").Number(2, Operators)).ToArray();
    }

    private static string Constant(ProtoWriter graph, string name, float[] values, params ReadOnlySpan<int> shape)
    {
        var tensor = new ProtoWriter();
        foreach (var size in shape)
            tensor.Number(1, size);
        graph.Message(5, tensor.Number(2, FloatTensor).Text(8, name).Bytes(9, MemoryMarshal.AsBytes(values.AsSpan())));
        return name;
    }

    private static ProtoWriter Value(string name, int rows, int width)
    {
        var shape = new ProtoWriter().Message(1, new ProtoWriter().Number(1, rows)).Message(1, new ProtoWriter().Number(1, width));
        return new ProtoWriter().Text(1, name).Message(2, new ProtoWriter().Message(1, new ProtoWriter().Number(1, FloatTensor).Message(2, shape)));
    }
}
