using System.Text.Json;
using System.Text.Json.Nodes;
using KgOrleans.Inference.Features;
using KgOrleans.Inference.Graphs;

namespace KgOrleans.Inference.Tests;

[Trait("Suite", "Unit")]
public class ParityTests
{
    private const float Tolerance = 1e-4f;

    [Fact]
    public void ONNX_Runtime_computes_what_PyTorch_computed_from_the_same_inputs()
    {
        using var bundle = DemoBundle.Load();
        var fixture = JsonNode.Parse(File.ReadAllBytes(Path.Combine(DemoBundle.Source, "parity.json")))!;

        Compare(((OnnxUserTower)bundle.UserTower).Graph, fixture, "heads");
        Compare(((OnnxItemTower)bundle.ItemTower).Graph, fixture, "embeddings");
        Compare(bundle.Ranker!.Graph, fixture, "logits");
    }

    private static void Compare(GraphRunner graph, JsonNode fixture, string output)
    {
        var expected = fixture[output].Deserialize<float[]>()!;
        var buffers = graph.Rent();
        for (var i = 0; i < graph.Inputs.Count; i++)
        {
            var values = fixture["inputs"]![graph.Inputs[i].Spec.Name]!["values"];
            if (graph.Inputs[i].Spec.Type == TensorType.Float)
                values.Deserialize<float[]>()!.CopyTo(buffers.Floats(i));
            else
                values.Deserialize<long[]>()!.CopyTo(buffers.Ids(i));
        }
        graph.Run(buffers);

        Assert.True(expected.Length >= graph.OutputWidth && expected.Distinct().Count() > 3);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], buffers.Output[i], Tolerance);
        graph.Return(buffers);
    }
}
