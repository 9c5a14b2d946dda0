using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CommandCenter.Grains.Storing.Migrations.Sqlite
{
    /// <inheritdoc />
    internal partial class DocumentReasons : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "by_name",
                table: "documents",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "why",
                table: "documents",
                type: "TEXT",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "by_name",
                table: "documents");

            migrationBuilder.DropColumn(
                name: "why",
                table: "documents");
        }
    }
}
