using System.Text.RegularExpressions;

namespace KgOrleans.Architecture.Tests;

/// <summary>An arrow between two folders of a project: a file of one names a type of the other.</summary>
internal readonly record struct FolderArrow(string From, string To, string File);

/// <summary>What the folders of a project may know of each other. Every check returns the violations that it found.</summary>
internal static partial class FolderRules
{
    /// <summary>
    /// Per project, per folder: the folders whose types it may name. A file in the project's root folder would have no place here, and is a violation.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, string[]>> Allowed = new Dictionary<string, IReadOnlyDictionary<string, string[]>>
    {
        ["Kernels"] = new Dictionary<string, string[]>
        {
            ["Dot"] = [],
            ["TopK"] = [],
            ["Scan"] = ["Dot", "TopK"],
            ["Diversity"] = ["Dot", "TopK"],
        },
        ["Ranking"] = new Dictionary<string, string[]>
        {
            ["Keys"] = [],
            ["Items"] = ["Keys"],
            ["Events"] = ["Keys"],
            ["Neighbours"] = ["Keys", "Events"],
            ["Users"] = ["Keys", "Items", "Events"],
            ["Catalogue"] = ["Keys", "Items", "Events"],
            ["Filters"] = ["Keys", "Items", "Catalogue"],
            ["Factors"] = [],
            ["Recall"] = ["Keys", "Items", "Events", "Neighbours", "Users", "Catalogue", "Filters"],
            ["Scenes"] = ["Keys", "Items", "Events", "Users", "Filters", "Recall"],
            ["Scoring"] = ["Keys", "Items", "Filters", "Scenes"],
            ["ReRanking"] = ["Keys", "Items", "Users", "Filters", "Scenes"],
            ["Serving"] = ["Keys", "Items", "Events", "Users", "Catalogue", "Filters", "Recall", "Scenes", "Scoring", "ReRanking"],
        },
    };

    public static IEnumerable<string> ForbiddenArrows(string root) =>
        from project in Present(root)
        from arrow in Arrows(Path.Combine(root, "src", project.Key), project.Key)
        where !project.Value.TryGetValue(arrow.From, out var allowed) || !allowed.Contains(arrow.To)
        select $"{project.Key}: {arrow.From} -> {arrow.To} in {arrow.File}";

    public static IEnumerable<string> FilesWithoutFolder(string root) =>
        from project in Present(root)
        from file in SourceFiles(Path.Combine(root, "src", project.Key))
        where !project.Value.ContainsKey(FolderOf(file.Path))
        select $"{project.Key}: {file.Path} lies in no folder of the layout";

    private static IEnumerable<KeyValuePair<string, IReadOnlyDictionary<string, string[]>>> Present(string root) =>
        Allowed.Where(p => Directory.Exists(Path.Combine(root, "src", p.Key)));

    /// <summary>Circles among the arrows that a project has, whatever is allowed: each as the folders along it.</summary>
    public static IEnumerable<string> Circles(string project, string name)
    {
        var arrows = Arrows(project, name).ToLookup(a => a.From, a => a.To);
        var done = new HashSet<string>();
        var path = new List<string>();
        var found = new List<string>();
        foreach (var from in arrows.Select(a => a.Key).Order(StringComparer.Ordinal))
            Visit(from);
        return found;

        void Visit(string folder)
        {
            if (path.IndexOf(folder) is >= 0 and var start)
            {
                found.Add(string.Join(" -> ", [.. path[start..], folder]));
                return;
            }
            if (!done.Add(folder))
                return;
            path.Add(folder);
            foreach (var to in arrows[folder].Distinct().Order(StringComparer.Ordinal))
                Visit(to);
            path.RemoveAt(path.Count - 1);
        }
    }

    /// <summary>Arrows between the top folders of a project: by <c>using</c>, and by a qualified name, which needs none.</summary>
    private static IEnumerable<FolderArrow> Arrows(string project, string name)
    {
        var files = SourceFiles(project).ToList();
        var folders = files.Select(f => FolderOf(f.Path)).Where(f => f.Length > 0).ToHashSet();
        var types = files.SelectMany(f => Declarations().Matches(f.Text).Select(m => (Folder: FolderOf(f.Path), Type: m.Groups[1].Value))).ToHashSet();
        foreach (var file in files)
        {
            var from = FolderOf(file.Path);
            var usings = Usings().Matches(file.Text).Select(m => m.Groups[1].Value.Split('.')).Where(n => n.Length > 2 && n[1] == name).Select(n => n[2]);
            var qualified = QualifiedNames().Matches(file.Text).Select(
                m => (Folder: m.Groups[1].Value, Type: m.Groups[2].Value)).Where(types.Contains).Select(n => n.Folder);
            foreach (var to in usings.Concat(qualified).Where(folders.Contains).Distinct())
            {
                if (to != from)
                    yield return new FolderArrow(from, to, file.Path);
            }
        }
    }

    private static IEnumerable<(string Path, string Text)> SourceFiles(string project) =>
        from file in Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        let path = Path.GetRelativePath(project, file).Replace('\\', '/')
        where !path.StartsWith("bin/", StringComparison.Ordinal) && !path.StartsWith("obj/", StringComparison.Ordinal)
        select (path, File.ReadAllText(file));

    private static string FolderOf(string path) => path.Contains('/', StringComparison.Ordinal) ? path[..path.IndexOf('/', StringComparison.Ordinal)] : "";

    [GeneratedRegex(@"^using (?:static |\w+ = )?(KgOrleans\.[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Usings();

    [GeneratedRegex(@"^(?:[a-z]+ )*(?:class|struct|record struct|record|enum|interface) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Declarations();

    [GeneratedRegex(@"(?<![\w.])(?:global::)?(?:KgOrleans\.)?(?:(?:Ranking|Kernels)\.)?(\w+)\.(\w+)")]
    private static partial Regex QualifiedNames();
}
