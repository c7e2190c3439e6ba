using KgOrleans.Inference.Bundles;
using KgOrleans.Inference.Features;
using Microsoft.ML.OnnxRuntime;

namespace KgOrleans.Inference.Graphs;

/// <summary>The tensors of one run of a graph: pinned arrays that the runtime reads and writes in place. Used by one thread at a time.</summary>
internal sealed class GraphBuffers : IDisposable
{
    private readonly List<OrtValue> _values = [];
    private readonly float[]?[] _floats;
    private readonly long[]?[] _ids;

    public GraphBuffers(InferenceSession session, IReadOnlyList<InputPlan> inputs, OutputSpec output)
    {
        Binding = session.CreateIoBinding();
        _floats = new float[inputs.Count][];
        _ids = new long[inputs.Count][];
        for (var i = 0; i < inputs.Count; i++)
        {
            var (rows, width) = (inputs[i].Rows, inputs[i].Width);
            if (inputs[i].Spec.Type == TensorType.Float)
                Binding.BindInput(inputs[i].Spec.Name, Wrap(_floats[i] = GC.AllocateArray<float>(rows * width, pinned: true), [rows, width]));
            else
                Binding.BindInput(inputs[i].Spec.Name, Wrap(_ids[i] = GC.AllocateArray<long>(rows * width, pinned: true), [rows, width]));
        }
        Output = GC.AllocateArray<float>(checked((int)output.Shape.Aggregate(1L, (a, b) => a * b)), pinned: true);
        Binding.BindOutput(output.Name, Wrap(Output, output.Shape));
    }

    public OrtIoBinding Binding { get; }

    public RunOptions Options { get; } = new();

    public float[] Output { get; }

    /// <summary>The user as features see them, reused with the tensors.</summary>
    public UserView User { get; } = new();

    /// <summary>Elements of a float input.</summary>
    public Span<float> Floats(int input) => _floats[input];

    /// <summary>Elements of an id input.</summary>
    public Span<long> Ids(int input) => _ids[input];

    public void Dispose()
    {
        Binding.Dispose();
        Options.Dispose();
        foreach (var value in _values)
            value.Dispose();
    }

    private OrtValue Wrap<T>(T[] array, long[] shape) where T : unmanaged
    {
        var value = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, array.AsMemory(), shape);
        _values.Add(value);
        return value;
    }
}
