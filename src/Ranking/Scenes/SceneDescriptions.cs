using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Xml.Linq;

namespace KgOrleans.Ranking.Scenes;

/// <summary>
/// Descriptions of the members of scene documents: their documentation comments, from the file that the compiler writes beside the assembly. Without that file
/// there are no descriptions.
/// </summary>
internal sealed class SceneDescriptions
{
    private readonly Dictionary<string, string> _summaries = [];

    /// <summary>Reads the file.</summary>
    public SceneDescriptions()
    {
        var path = Path.ChangeExtension(typeof(SceneDocument).Assembly.Location, ".xml");
        if (!File.Exists(path))
            return;
        foreach (var member in XDocument.Load(path).Descendants("member"))
        {
            if (member.Attribute("name")?.Value is { } name && name.StartsWith("P:", StringComparison.Ordinal) && member.Element("summary") is { } summary)
                _summaries[name] = Text(summary);
        }
    }

    /// <summary>Description of a member; null when there is none.</summary>
    public string? Of(JsonPropertyInfo property) =>
        property.AttributeProvider is System.Reflection.MemberInfo member
            ? _summaries.GetValueOrDefault($"P:{member.DeclaringType!.FullName}.{member.Name}")
            : null;

    private static string Text(XElement summary)
    {
        var text = new StringBuilder();
        foreach (var node in summary.Nodes())
        {
            text.Append(node switch
            {
                XText plain => plain.Value,
                XElement element when (element.Attribute("cref") ?? element.Attribute("name"))?.Value is { } reference =>
                    JsonNamingPolicy.CamelCase.ConvertName(reference[(reference.LastIndexOfAny(['.', ':']) + 1)..]),
                XElement element => element.Value,
                _ => "",
            });
        }
        return string.Join(' ', text.ToString().Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));
    }
}
