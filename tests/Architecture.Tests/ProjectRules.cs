using System.Xml.Linq;

namespace KgOrleans.Architecture.Tests;

/// <summary>What the layout of the repository allows; every check returns the violations that it found.</summary>
internal static class ProjectRules
{
    public const int LongestFile = 700;

    // Arrows point downwards only. Api hosts a silo in embedded mode and generates the demo world for --demo.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Kernels"] = [],
        ["Ranking"] = ["Kernels"],
        ["Inference"] = ["Ranking"],
        ["Storage"] = ["Ranking"],
        ["DemoWorld"] = ["Ranking"],
        ["Grains.Interfaces"] = ["Ranking"],
        ["Grains"] = ["Grains.Interfaces", "Ranking", "Inference", "Storage"],
        ["Silo"] = ["Grains"],
        ["Api"] = ["Grains.Interfaces", "Silo", "DemoWorld"],
        ["Client"] = ["Ranking"],
        ["CommandLine"] = ["Client"],
        ["Import"] = ["Client", "Ranking"],
        ["Cli"] = ["Client", "CommandLine", "Import", "Ranking"],
        // Grains, because bench partition measures the scan pool that serves.
        ["Lab"] = ["Client", "CommandLine", "Import", "Ranking", "Inference", "Storage", "DemoWorld", "Grains"],
    };

    public static IEnumerable<string> ForbiddenReferences(string root)
    {
        foreach (var project in Projects(root, "src"))
        {
            var name = Path.GetFileNameWithoutExtension(project);
            if (!Allowed.TryGetValue(name, out var allowed))
            {
                yield return $"{name}: has no place in the layers";
                continue;
            }
            foreach (var reference in Includes(project, "ProjectReference"))
            {
                var path = reference.Replace('\\', '/');
                var target = Path.GetFullPath(path, Path.GetDirectoryName(project)!);
                if (!allowed.Contains(Path.GetFileNameWithoutExtension(path)) || Path.GetDirectoryName(Path.GetDirectoryName(target)) != Path.Combine(root, "src"))
                    yield return $"{name} -> {Path.GetRelativePath(root, target)}";
            }
            // A reference past the project system would be an arrow that the check above does not see.
            foreach (var reference in Includes(project, "Reference"))
                yield return $"{name} -> {reference}";
        }
    }

    public static IEnumerable<string> KernelPackages(string root) =>
        Projects(root, "src").Where(
            p => Path.GetFileNameWithoutExtension(p) == "Kernels").SelectMany(p => Includes(p, "PackageReference")).Select(p => $"Kernels -> {p}");

    public static IEnumerable<string> PackagesWithoutCentralVersion(string root)
    {
        var central = Includes(Path.Combine(root, "Directory.Packages.props"), "PackageVersion").ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var file in AllProjects(root).Concat(Files(root, "*.props")).Concat(Files(root, "*.targets")))
        {
            foreach (var package in XDocument.Load(file).Descendants().Where(e => e.Name.LocalName == "PackageReference"))
            {
                var name = (string?)package.Attribute("Include") ?? (string?)package.Attribute("Update") ?? "";
                if (!central.Contains(name))
                    yield return $"{Path.GetRelativePath(root, file)}: {name} has no central version";
                if (package.Attribute("Version") is not null || package.Attribute("VersionOverride") is not null || package.Elements().Any(e => e.Name.LocalName is "Version" or "VersionOverride"))
                    yield return $"{Path.GetRelativePath(root, file)}: {name} has a version of its own";
            }
        }
    }

    public static IEnumerable<string> LongFiles(string root) =>
        from file in Files(Path.Combine(root, "src"), "*.cs")
        let lines = File.ReadLines(file).Count()
        where lines > LongestFile
        select $"{Path.GetRelativePath(root, file)} has {lines} lines";

    public static IEnumerable<string> ProjectsOutsideTheSolution(string root)
    {
        var solution = File.ReadAllText(Path.Combine(root, "KgOrleans.sln")).Replace('\\', '/');
        return AllProjects(root).Select(p => Path.GetRelativePath(root, p).Replace('\\', '/')).Where(
            p => !solution.Contains($"\"{p}\"", StringComparison.Ordinal));
    }

    public static IEnumerable<string> EmptyProjects(string root) =>
        AllProjects(root).Where(p => !Files(Path.GetDirectoryName(p)!, "*.cs").Any()).Select(p => Path.GetRelativePath(root, p));

    public static IEnumerable<string> AllProjects(string root) => Projects(root, "src").Concat(Projects(root, "tests"));

    private static IEnumerable<string> Projects(string root, string folder) =>
        Directory.Exists(Path.Combine(root, folder)) ? Files(Path.Combine(root, folder), "*.csproj") : [];

    private static IEnumerable<string> Includes(string file, string element) =>
        XDocument.Load(file).Descendants().Where(e => e.Name.LocalName == element).Select(e => (string?)e.Attribute("Include") ?? "").Where(i => i.Length > 0);

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories)
            .Where(f => !Path.GetRelativePath(folder, f).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "node_modules" or ".git"))
            .Order(StringComparer.Ordinal);
}
