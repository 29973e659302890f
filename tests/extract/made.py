"""made.py - small files of each format, for the tests: made.FILES[ending](path, date)."""
import zipfile

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
REL = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
RELS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>'
CORE = ('<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<dcterms:created>%s</dcterms:created></cp:coreProperties>')
ODF = ' '.join('xmlns:%s="urn:oasis:names:tc:opendocument:xmlns:%s:1.0"' % (n, n)
               for n in ('office', 'text', 'table', 'meta', 'drawing', 'presentation')) + \
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'


def rel(number, kind, target):
    return '<Relationship Id="r%d" Type="%s/%s" Target="%s"/>' % (number, REL, kind, target)


def pack(path, members):
    with zipfile.ZipFile(path, 'w') as z:
        for name, data in members.items():
            z.writestr(name, data)


def package(path, main, date, members):
    core = ('<Relationship Id="c" Target="docProps/core.xml" Type="http://schemas.openxmlformats.org/package/2006/'
            'relationships/metadata/core-properties"/>')
    pack(path, {'[Content_Types].xml': '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
                '_rels/.rels': RELS % (rel(1, 'officeDocument', main) + core), 'docProps/core.xml': CORE % date,
                **members})


def p(text, style=''):
    style = style and '<w:pPr><w:pStyle w:val="%s"/></w:pPr>' % style
    return '<w:p>%s<w:r><w:t xml:space="preserve">%s</w:t></w:r></w:p>' % (style, text)


def docx(path, date):
    table = ''.join('<w:tr>%s</w:tr>' % ''.join('<w:tc>%s</w:tc>' % p(c) for c in row)
                    for row in (('river', 'length'), ('cellword', '12')))
    body = (p('Chapter 3 Rivers', 'H') + '<w:p><w:r><w:t>Water bodyword</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
            + p('Article 5 Dams', 'H2') + '<w:tbl>%s</w:tbl>' % table + p('end'))
    package(path, 'word/document.xml', date, {
        'word/document.xml': '<w:document %s><w:body>%s</w:body></w:document>' % (W, body),
        'word/_rels/document.xml.rels': RELS % (rel(1, 'styles', 'styles.xml') + rel(2, 'footnotes', 'footnotes.xml') +
                                                rel(3, 'comments', 'comments.xml')),
        'word/styles.xml': '<w:styles %s><w:style w:type="paragraph" w:styleId="H"><w:name w:val="heading 1"/></w:style>'
                           '<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/></w:style></w:styles>' % W,
        'word/footnotes.xml': '<w:footnotes %s><w:footnote w:id="2">%s</w:footnote></w:footnotes>' % (W, p('noteword')),
        'word/comments.xml': '<w:comments %s><w:comment w:id="1" w:author="Ann">%s</w:comment></w:comments>'
                             % (W, p('remarkword'))})


def xlsx(path, date):
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    cell = '<c t="inlineStr"><is><t>%s</t></is></c>'
    rows = ''.join('<row>%s</row>' % ''.join(cell % c for c in row) for row in (('river', 'length'), ('cellword', 'x')))
    package(path, 'xl/workbook.xml', date, {
        'xl/workbook.xml': '<workbook %s xmlns:r="%s"><sheets><sheet name="Rivers" sheetId="1" r:id="r1"/></sheets></workbook>'
                           % (main, REL),
        'xl/_rels/workbook.xml.rels': RELS % rel(1, 'worksheet', 'worksheets/sheet1.xml'),
        'xl/worksheets/sheet1.xml': '<worksheet %s><sheetData>%s</sheetData></worksheet>' % (main, rows),
        'xl/worksheets/_rels/sheet1.xml.rels': RELS % rel(1, 'comments', '../comments1.xml'),
        'xl/comments1.xml': '<comments %s><commentList><comment ref="A1"><text><t>remarkword</t></text></comment>'
                            '</commentList></comments>' % main})


def pptx(path, date):
    names = ('xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
             'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:r="%s"' % REL)
    run = '<a:p><a:r><a:t>%s</a:t></a:r></a:p>'
    title = '<p:sp><p:nvSpPr><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr><p:txBody>%s</p:txBody></p:sp>' % (run % 'Chapter 3 Rivers')
    table = '<a:tbl>%s</a:tbl>' % ''.join('<a:tr>%s</a:tr>' % ''.join('<a:tc>%s</a:tc>' % (run % c) for c in row)
                                          for row in (('river', 'length'), ('cellword', '12')))
    package(path, 'ppt/presentation.xml', date, {
        'ppt/presentation.xml': '<p:presentation %s><p:sldIdLst><p:sldId id="256" r:id="r1"/></p:sldIdLst></p:presentation>' % names,
        'ppt/_rels/presentation.xml.rels': RELS % rel(1, 'slide', 'slides/slide1.xml'),
        'ppt/slides/slide1.xml': '<p:sld %s><p:cSld><p:spTree>%s<p:sp><p:txBody>%s</p:txBody></p:sp>%s</p:spTree></p:cSld></p:sld>'
                                 % (names, title, run % 'Water bodyword', table)})


def odf(path, kind, content, date):
    meta = '<office:document-meta %s><office:meta><meta:creation-date>%s</meta:creation-date></office:meta></office:document-meta>'
    pack(path, {'mimetype': 'application/vnd.oasis.opendocument.' + kind, 'meta.xml': meta % (ODF, date),
                'content.xml': '<office:document-content %s><office:body>%s</office:body></office:document-content>'
                               % (ODF, content)})


ODF_TABLE = '<table:table table:name="Rivers">%s</table:table>' % ''.join(
    '<table:table-row>%s</table:table-row>' % ''.join(
        '<table:table-cell><text:p>%s</text:p></table:table-cell>' % c for c in row)
    for row in (('river', 'length'), ('cellword', '12')))


def odt(path, date):
    odf(path, 'text', '<office:text><text:h text:outline-level="1">Chapter 3 Rivers</text:h><text:p>Water bodyword'
        '<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>noteword</text:p></text:note-body>'
        '</text:note></text:p><text:h text:outline-level="2">Article 5 Dams</text:h>' + ODF_TABLE +
        '<text:p>end<office:annotation><dc:creator>Ann</dc:creator><text:p>remarkword</text:p></office:annotation></text:p>'
        '</office:text>', date)


def ods(path, date):
    odf(path, 'spreadsheet', '<office:spreadsheet>' + ODF_TABLE + '</office:spreadsheet>', date)


def odp(path, date):
    odf(path, 'presentation', '<office:presentation><draw:page><draw:frame presentation:class="title"><draw:text-box>'
        '<text:p>Chapter 3 Rivers</text:p></draw:text-box></draw:frame><draw:frame><draw:text-box><text:p>Water bodyword'
        '</text:p></draw:text-box></draw:frame></draw:page></office:presentation>', date)


def page():
    return ('<h1>Chapter 3 Rivers</h1><p>Water bodyword</p><h2>Article 5 Dams</h2><table><tr><td>river</td><td>length</td></tr>'
            '<tr><td>cellword</td><td>12</td></tr></table>')


def epub(path, date):
    pack(path, {'mimetype': 'application/epub+zip',
                'META-INF/container.xml': '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
                                          '<rootfile full-path="o.opf"/></rootfiles></container>',
                'o.opf': '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
                         '<dc:title>T</dc:title><dc:date>%s</dc:date></metadata><manifest><item id="a" href="a.xhtml" '
                         'media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>' % date,
                'a.xhtml': '<html xmlns="http://www.w3.org/1999/xhtml"><body>%s</body></html>' % page()})


def put(path, text):
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)


def html(path, date):
    put(path, '<!DOCTYPE html><html><head><meta name="date" content="%s"><title>T</title></head><body>%s</body></html>' % (date, page()))


def rtf(path, date):
    parts = (date.replace('-', ' ').split() + ['1', '1'])[:3]
    put(path, r'{\rtf1\ansi{\stylesheet{\s1 heading 1;}{\s2 heading 2;}}{\info{\creatim\yr%s\mo%s\dy%s}}' % tuple(parts) +
        r'\pard\s1 Chapter 3 Rivers\par\pard Water bodyword{\super\chftn}{\footnote noteword}\par'
        r'\pard\s2 Article 5 Dams\par\pard\trowd river\cell length\cell\row\trowd cellword\cell 12\cell\row\pard end'
        r'{\*\atnid A}{\*\atnauthor Ann}{\*\annotation remarkword}\par}')


def pdf(path, date):
    put(path, '%%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[4 0 R]/Count 1>>\nendobj\n'
        '3 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\n4 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]'
        '/Contents 5 0 R/Resources<</Font<</F 3 0 R>>>>>>\nendobj\n5 0 obj\n<</Length 43>>\nstream\n'
        'BT /F 12 Tf 50 700 Td (Water bodyword) Tj ET\nendstream\nendobj\n6 0 obj\n<</CreationDate(%s)>>\nendobj\n'
        'trailer\n<</Root 1 0 R/Info 6 0 R/Size 7>>\n%%%%EOF\n' % ('D:' + date.replace('-', '')))


def eml(path, date):
    put(path, 'From: Ann <a@x.example>\nTo: b@x.example\nSubject: s\nDate: %s\nMessage-ID: <1@x.example>\n\nWater bodyword\n' % date)


def xml(path, date):
    put(path, '<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"><act><meta><identification><FRBRWork>'
        '<FRBRdate date="%s" name="g"/></FRBRWork></identification></meta><body><chapter><num>Chapter 3</num><heading>Rivers'
        '</heading><article><num>Article 5</num><heading>Dams</heading><content><p>Water bodyword</p></content></article>'
        '</chapter></body></act></akomaNtoso>' % date)


def md(path, date):
    put(path, '---\ntitle: T\ndate: %s\n---\n# Chapter 3 Rivers\n\nWater bodyword\n' % date)


FILES = {f.__name__: f for f in (docx, xlsx, pptx, odt, ods, odp, epub, html, rtf, pdf, eml, xml, md)}
