using System.Collections.Concurrent;
using KgOrleans.Inference.Bundles;
using KgOrleans.Inference.Features;
using Microsoft.ML.OnnxRuntime;

namespace KgOrleans.Inference.Graphs;

/// <summary>One graph with a pool of buffers, as many as ran at the same time at most. A disposed runner frees its memory when its last run ends.</summary>
internal sealed class GraphRunner(string name, InferenceSession session, IReadOnlyList<InputPlan> inputs, OutputSpec output) : IDisposable
{
    private readonly ConcurrentBag<GraphBuffers> _free = [];
    private readonly Lock _gate = new();
    private int _running;
    private bool _disposed;

    public IReadOnlyList<InputPlan> Inputs { get; } = inputs;

    /// <summary>Rows that one run computes.</summary>
    public int BatchSize { get; } = (int)output.Shape[0];

    /// <summary>Elements of one row of the output.</summary>
    public int OutputWidth { get; } = (int)output.Shape.Skip(1).Aggregate(1L, (a, b) => a * b);

    /// <summary>Rents buffers for one thread, which returns them after its runs. Throws <see cref="ObjectDisposedException"/> after disposal.</summary>
    public GraphBuffers Rent()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, name);
            _running++;
        }
        try
        {
            return _free.TryTake(out var buffers) ? buffers : new GraphBuffers(session, Inputs, output);
        }
        catch
        {
            Leave();
            throw;
        }
    }

    public void Return(GraphBuffers buffers)
    {
        _free.Add(buffers);
        Leave();
    }

    public void Run(GraphBuffers buffers) => session.RunWithBinding(buffers.Options, buffers.Binding);

    /// <summary>Fills the inputs that have one row for the request.</summary>
    public void FillRequest(GraphBuffers buffers, in FeatureSource source)
    {
        for (var i = 0; i < Inputs.Count; i++)
        {
            if (Inputs[i].IsPerRequest)
                FillRow(buffers, i, 0, source);
        }
    }

    /// <summary>Fills one row of the inputs that have a row for each item.</summary>
    public void FillItem(GraphBuffers buffers, int row, in FeatureSource source)
    {
        for (var i = 0; i < Inputs.Count; i++)
        {
            if (!Inputs[i].IsPerRequest)
                FillRow(buffers, i, row, source);
        }
    }

    /// <summary>Sets item rows to zero from a row on, so that the result of a run never depends on the run before.</summary>
    public void ClearItems(GraphBuffers buffers, int from)
    {
        for (var i = 0; i < Inputs.Count; i++)
        {
            if (Inputs[i].IsPerRequest)
                continue;
            if (Inputs[i].Spec.Type == TensorType.Float)
                buffers.Floats(i)[(from * Inputs[i].Width)..].Clear();
            else
                buffers.Ids(i)[(from * Inputs[i].Width)..].Clear();
        }
    }

    /// <summary>Runs the graph once with the largest ids and zeros, and adds what fails.</summary>
    public void Probe(List<string> differences)
    {
        var buffers = Rent();
        try
        {
            for (var i = 0; i < Inputs.Count; i++)
            {
                for (var row = 0; row < Inputs[i].Rows && Inputs[i].Spec.Type == TensorType.Int64; row++)
                    Inputs[i].FillLargest(buffers.Ids(i).Slice(row * Inputs[i].Width, Inputs[i].Width));
            }
            Run(buffers);
            if (!Array.TrueForAll(buffers.Output, float.IsFinite))
                differences.Add($"{name}: gives values that are not finite when its inputs are zeros");
        }
        catch (OnnxRuntimeException e)
        {
            differences.Add($"{name}: fails with the largest ids of its vocabularies: {e.Message}");
        }
        finally
        {
            Return(buffers);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            if (_running > 0)
                return;
        }
        Free();
    }

    private void FillRow(GraphBuffers buffers, int input, int row, in FeatureSource source)
    {
        var plan = Inputs[input];
        if (plan.Spec.Type == TensorType.Float)
            plan.Fill(source, buffers.Floats(input).Slice(row * plan.Width, plan.Width));
        else
            plan.Fill(source, buffers.Ids(input).Slice(row * plan.Width, plan.Width));
    }

    private void Leave()
    {
        lock (_gate)
        {
            _running--;
            if (!_disposed || _running > 0)
                return;
        }
        Free();
    }

    private void Free()
    {
        while (_free.TryTake(out var buffers))
            buffers.Dispose();
        session.Dispose();
    }
}
